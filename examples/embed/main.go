// Embed is a program without a window that embeds the model: it opens one,
// writes, takes a snapshot, forks, and saves the state to a file and goes on from
// there.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"falconmamba"
	_ "falconmamba/backend/all" // the devices of the platform
	"falconmamba/backend/sampling"
	"falconmamba/checkpoint/tiny"
)

func main() {
	if err := run(context.Background(), ""); err != nil {
		log.Fatal(err)
	}
}

// run does it on the device that backend names, or on the best.
func run(ctx context.Context, backend string) error {
	// A folder, a file or a model of the hub: falconmamba.Open(ctx, name, nil).
	m, err := falconmamba.OpenFS(ctx, tiny.FS(), &falconmamba.Options{Backend: backend})
	if err != nil {
		return err
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		return err
	}
	defer s.Close()

	// Generate appends the prompt and writes on; the loop may be left at any token.
	if err := write(ctx, s, "JULIET:\nO Romeo, Romeo,", 40, 1); err != nil {
		return err
	}

	// A snapshot is the text and the state after it, in the host's memory. Restoring
	// it reads nothing again, however long the text is.
	before, err := s.Snapshot(ctx)
	if err != nil {
		return err
	}
	if err := write(ctx, s, "\n\nROMEO:\n", 20, 2); err != nil {
		return err
	}
	if err := s.Restore(ctx, before); err != nil {
		return err
	}

	// A fork goes on from the same place, beside the session.
	f, err := s.Fork(ctx)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := write(ctx, f, "\n\nNURSE:\n", 20, 3); err != nil {
		return err
	}

	// A saved state may be loaded by another program, on another device.
	path := filepath.Join(os.TempDir(), "embed.state")
	defer os.Remove(path)
	if err := s.Save(ctx, path); err != nil {
		return err
	}
	if err := f.Load(ctx, path); err != nil {
		return err
	}
	return write(ctx, f, "\n\nLADY CAPULET:\n", 20, 4)
}

// write prints what the session writes after prompt.
func write(ctx context.Context, s *falconmamba.Session, prompt string, tokens int, seed uint64) error {
	o := falconmamba.GenerateOptions{MaxTokens: tokens,
		Sampling: sampling.Params{Temperature: 0.8, TopP: 0.95, Seed: seed}}
	fmt.Print("---\n", prompt)
	for t, err := range s.Generate(ctx, prompt, &o) {
		if err != nil {
			return err
		}
		fmt.Print(t.Text)
	}
	fmt.Println()
	return nil
}
