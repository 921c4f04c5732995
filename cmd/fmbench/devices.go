package main

import (
	"context"
	"strings"

	"falconmamba/backend"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
	"falconmamba/internal/quantity"
)

func devicesFlags(*call) {}

// runDevices lists what every driver sees. A driver that is broken is a failure
// here, and not only a warning: who asks for the list wants to know.
func runDevices(_ context.Context, c *call) error {
	infos, err := backend.Devices()
	width := 0
	for _, i := range infos {
		width = max(width, len(i.Device))
	}
	c.report.Table(report.Table{Name: "devices", Columns: []report.Column{
		{Key: "backend", Left: true, Width: 8}, {Key: "device", Left: true, Width: width},
		{Key: "driver", Left: true, Data: true},
		{Key: "class", Left: true, Width: 8}, {Key: "threads"}, {Key: "memory", Width: 8},
		{Key: "free", Data: true}, {Key: "chunk", Data: true}, {Key: "features", Left: true, Data: true},
	}})
	for _, i := range infos {
		c.report.Row(i.Name, i.Device, i.Driver, i.Class.String(), report.NonZero(i.Threads),
			quantity.Bytes(i.MemoryTotal), quantity.Bytes(i.MemoryFree), i.ChunkRows, strings.Join(i.Features, " "))
	}
	if err != nil {
		c.warn(cli.Line(err))
		return cli.ErrSilent
	}
	return nil
}
