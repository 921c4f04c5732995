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
	c.report.Table(report.Table{Name: "devices", Columns: []report.Column{
		{Key: "backend", Left: true}, {Key: "device", Left: true}, {Key: "driver", Left: true},
		{Key: "class", Left: true}, {Key: "threads"}, {Key: "memory"}, {Key: "free"},
		{Key: "chunk"}, {Key: "features", Left: true},
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
