package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"falconmamba"
	"falconmamba/backend"
	"falconmamba/model"
	"falconmamba/model/tiny"
)

// Embedded is how reports call the model that is part of the program.
const Embedded = "tiny-shakespeare (embedded)"

// ModelName returns how reports call a model: the last part of its path.
func ModelName(name string) string {
	if name == "" {
		return Embedded
	}
	if strings.HasPrefix(name, "random:") {
		return name
	}
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' })
	for i := len(parts) - 1; i >= 0; i-- {
		if parts[i] != "." && parts[i] != ".." {
			return parts[i]
		}
	}
	return name
}

// OpenModel loads a model by name; the empty one is the embedded model's.
func OpenModel(ctx context.Context, name string, o *falconmamba.Options) (*falconmamba.Model, error) {
	if name == "" {
		return falconmamba.OpenFS(ctx, tiny.FS(), o)
	}
	return falconmamba.Open(ctx, name, o)
}

// OpenCheckpoint opens a model's files by name, as OpenModel does.
func OpenCheckpoint(name string, o model.CheckpointOptions) (model.Checkpoint, error) {
	if name == "" {
		return model.OpenCheckpointFS(tiny.FS())
	}
	return model.OpenCheckpoint(name, o)
}

// Precision parses the flag --precision; auto is nil.
func Precision(name string) (*backend.Precision, error) {
	if name == "" || name == "auto" {
		return nil, nil
	}
	p, err := backend.ParsePrecision(name)
	if err != nil {
		return nil, Usagef("--precision: %w, or auto", err)
	}
	return &p, nil
}

// Checkpoint parses the flag --type, which only random weights have.
func Checkpoint(modelName, typ string, seed uint64) (model.CheckpointOptions, error) {
	o := model.CheckpointOptions{Seed: seed}
	if typ == "" {
		return o, nil
	}
	if !strings.HasPrefix(modelName, "random:") {
		return o, Usagef("--type %s: only random: models are made with a type; a checkpoint has its own", typ)
	}
	t, err := backend.ParseDType(typ)
	if err == nil && t == backend.I32 {
		err = fmt.Errorf("i32 is no type of weights")
	}
	if err != nil {
		return o, Usagef("--type: %w", err)
	}
	o.Type = t
	return o, nil
}

// ListDevices prints the devices, best first. What kept a driver from listing
// its own is a warning where there are others.
func ListDevices(program string, stdout, stderr io.Writer) error {
	infos, err := backend.Devices()
	if len(infos) == 0 && err != nil {
		return err
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: warning: %s\n", program, Line(err))
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for _, i := range infos {
		about := i.Class.String()
		if i.Threads > 0 {
			about += fmt.Sprintf(", %d threads", i.Threads)
		}
		if i.MemoryTotal > 0 {
			about += fmt.Sprintf(", %.1f GiB", float64(i.MemoryTotal)/(1<<30))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", i.Name, i.Device, about)
	}
	return w.Flush()
}
