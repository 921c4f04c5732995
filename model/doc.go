// Package model is FalconMamba's graph: a checkpoint's weights laid out on a
// device, and the operations of a pass over rows of tokens. Nothing here knows a
// file format or names a device.
package model
