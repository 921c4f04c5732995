package shelf

import (
	"fmt"
	"strings"

	"falconmamba/backend"
)

// A Device is one that a model can be opened on.
type Device struct {
	Name   string // what falconmamba.Options.Backend takes; "" for one that the window draws with
	Window int    // which of those
	Label  string
	About  string
}

// Devices returns those that a window can be drawn with, by their names, and what backend.Devices lists beside them.
func Devices(window []string, infos []backend.Info) (list []Device) {
	drawn := map[string]bool{}
	for i, name := range window {
		drawn[name] = true
		list = append(list, Device{Window: i, Label: name, About: "draws this window: states are shown as they change"})
	}
	for _, i := range infos {
		vulkan := i.Name == "vulkan" || strings.HasPrefix(i.Name, "vulkan:")
		if i.Reference() || vulkan && drawn[i.Device] {
			continue
		}
		about := "states are shown after each turn"
		if i.MemoryTotal > 0 {
			about = fmt.Sprintf("%s, %s", size(i.MemoryTotal), about)
		}
		label := fmt.Sprintf("%s: %s", i.Name, i.Device)
		list = append(list, Device{Name: i.Name, Window: -1, Label: label, About: about})
	}
	return list
}
