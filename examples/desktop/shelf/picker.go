package shelf

// A Picker is a choice of a model and a device.
type Picker struct {
	Models  []Model
	Devices []Device
	Model   int // which are chosen
	Device  int
	OnRight bool // the keys move in the list of devices
}

// Move moves the choice in the list that has the keys.
func (p *Picker) Move(by int) {
	if p.OnRight {
		p.ChooseDevice(p.Device + by)
	} else {
		p.ChooseModel(p.Model + by)
	}
}

// ChooseModel and ChooseDevice choose by number, or the nearest one.
func (p *Picker) ChooseModel(i int) {
	p.Model, p.OnRight = max(0, min(i, len(p.Models)-1)), false
}

// ChooseDevice see ChooseModel.
func (p *Picker) ChooseDevice(i int) {
	p.Device, p.OnRight = max(0, min(i, len(p.Devices)-1)), true
}

// Chosen returns the choice; ok is false where there is nothing to choose from.
func (p *Picker) Chosen() (m Model, d Device, ok bool) {
	if p.Model >= len(p.Models) || p.Device >= len(p.Devices) {
		return m, d, false
	}
	return p.Models[p.Model], p.Devices[p.Device], true
}

// Offer sets what there is, and keeps the choice where it is still there.
func (p *Picker) Offer(models []Model, devices []Device) {
	m, d, ok := p.Chosen()
	p.Models, p.Devices, p.Model, p.Device = models, devices, 0, 0
	if !ok {
		return
	}
	for i, x := range models {
		if x.Name == m.Name {
			p.Model = i
		}
	}
	for i, x := range devices {
		if x.Name == d.Name && x.Window == d.Window {
			p.Device = i
		}
	}
}
