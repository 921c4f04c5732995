package server

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"falconmamba"
	"falconmamba/engine"
)

// An embedding is the mean of the last hidden states, whatever the chunks and the form that it comes in.
func TestEmbeddings(t *testing.T) {
	s, url := serve(t, engine.Options{Chunk: 16}, Options{})
	const text = "O Romeo, Romeo! wherefore art thou Romeo? Deny thy father and refuse thy name, and I'll no longer be a Capulet."
	ids, _ := s.m.Encode(text)
	session, err := s.m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	k := s.m.Config()
	want := make([]float64, k.HiddenSize)
	for _, id := range ids {
		out, err := session.Forward(context.Background(), []int32{id},
			falconmamba.ForwardOptions{Hidden: true, Layers: []int{k.NumHiddenLayers}})
		if err != nil {
			t.Fatal(err)
		}
		for i, x := range out.Hidden[0] {
			want[i] += float64(x)
		}
	}
	length := 0.0
	for _, x := range want {
		length += x * x
	}
	check := func(name string, got []float32) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: %d numbers", name, len(got))
		}
		for i := range got {
			if math.Abs(float64(got[i])-want[i]/math.Sqrt(length)) > 1e-5 {
				t.Fatalf("%s: number %d is %v, want %v", name, i, got[i], want[i]/math.Sqrt(length))
			}
		}
	}
	type embeddings[T any] struct {
		Object string
		Data   []struct {
			Index     int
			Embedding T
		}
		Usage struct {
			Prompt int `json:"prompt_tokens"`
		}
	}
	list := strings.ReplaceAll(fmt.Sprint(ids), " ", ",")
	for name, input := range map[string]string{"text": `"` + text + `"`, "texts": `["x","` + text + `"]`, "ids": "[[5]," + list + "]"} {
		a := read[embeddings[[]float32]](t, post(t, url+"/v1/embeddings", `{"input":`+input+`,"dimensions":256}`))
		last := a.Data[len(a.Data)-1]
		check(name, last.Embedding)
		if last.Index != len(a.Data)-1 || a.Object != "list" || a.Usage.Prompt < len(ids) {
			t.Errorf("%s: %d, %+v", name, last.Index, a.Usage)
		}
	}
	a := read[embeddings[string]](t, post(t, url+"/v1/embeddings", `{"input":`+list+`,"encoding_format":"base64"}`))
	data, err := base64.StdEncoding.DecodeString(a.Data[0].Embedding)
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]float32, len(data)/4)
	if _, err := binary.Decode(data, binary.LittleEndian, numbers); err != nil {
		t.Fatal(err)
	}
	check("base64", numbers)
}
