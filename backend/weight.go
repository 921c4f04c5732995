package backend

// A Weight is a matrix laid out for a device, read-only. One Weight serves
// MatMul and Embed alike (tied heads).
type Weight interface {
	Desc() WeightDesc // what NewWeight was given, but for Aux
	Size() int64      // bytes held on the device, or used in place
	InPlace() bool    // Desc().From's bytes are used in place and must stay
	Close() error
}

// A WeightDesc says what NewWeight is given.
type WeightDesc struct {
	Name string // for errors and profiles
	Type DType  // as stored
	Rows int    // output channels (MatMul) or ids (Embed)
	Cols int    // input channels

	// Lookup says that Embed alone reads the weight: a layout for products is not worth its memory.
	Lookup bool

	// Aux carries what a format keeps apart from the codes: scales and codebook
	// of NF4 and FP4. It is empty for other types, and is not retained.
	Aux [][]byte

	// From, where not nil, is an imported buffer in which src lies at byte Off.
	// A backend may then use the bytes in place; From must outlive the weight.
	From Buffer
	Off  int64
}
