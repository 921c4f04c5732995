package falconmamba_test

import (
	"context"
	"fmt"
	"log"

	"falconmamba"
	_ "falconmamba/backend/cpu"
	"falconmamba/backend/sampling"
	"falconmamba/checkpoint/tiny"
)

func Example() {
	ctx := context.Background()
	m, err := falconmamba.OpenFS(ctx, tiny.FS(), &falconmamba.Options{Backend: "cpu"})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	for t, err := range s.Generate(ctx, "ROMEO:\n", &falconmamba.GenerateOptions{MaxTokens: 24}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(t.Text)
	}
	// Output:
	// I'll not believe it.
	//
	// DUKE OF YORK:
	// I'll not belie
}

// A fork goes on from the same state without reading the text again.
func ExampleSession_Fork() {
	ctx := context.Background()
	m, err := falconmamba.OpenFS(ctx, tiny.FS(), &falconmamba.Options{Backend: "cpu"})
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	if err := s.AppendText("JULIET:\nO, be some other"); err != nil {
		log.Fatal(err)
	}
	if err := s.Prefill(ctx, nil); err != nil {
		log.Fatal(err)
	}
	for seed := range uint64(3) {
		f, err := s.Fork(ctx)
		if err != nil {
			log.Fatal(err)
		}
		o := falconmamba.GenerateOptions{MaxTokens: 30, Stop: []string{"\n"},
			Sampling: sampling.Params{Temperature: 0.8, TopK: 40, Seed: seed}}
		fmt.Print(seed, ":")
		for t, err := range f.Generate(ctx, "", &o) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Print(t.Text)
		}
		fmt.Println()
		f.Close()
	}
	// Output:
	// 0: full, as they are not wert
	// 1: valiant merry corn,
	// 2: fitting, which's nothing;
}
