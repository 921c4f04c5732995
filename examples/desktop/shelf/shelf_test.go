package shelf

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint/hub"
	"falconmamba/checkpoint/tiny"
)

// put copies the embedded model to a folder.
func put(t *testing.T, folder string) {
	t.Helper()
	if err := os.CopyFS(folder, tiny.FS()); err != nil {
		t.Fatal(err)
	}
}

func TestModels(t *testing.T) {
	cache, folder := t.TempDir(), t.TempDir()
	snapshot := filepath.Join(cache, "models--an--owner", "snapshots", strings.Repeat("a", 40))
	put(t, snapshot)
	put(t, filepath.Join(folder, "some [model]*"))
	for name, content := range map[string]string{
		"bert/config.json": `{"model_type": "bert"}`, "broken/config.json": "{", "broken.gguf": "GGUF", "notes.txt": "x",
	} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		os.MkdirAll(filepath.Dir(path), 0o755)
		os.WriteFile(path, []byte(content), 0o644)
	}
	list, err := Models(context.Background(), []string{folder, filepath.Join(folder, "some [model]*"), "/nonexistent"},
		hub.Options{Cache: cache})
	if err == nil || strings.Count(err.Error(), "/nonexistent") != 1 {
		t.Errorf("a folder that is not there: %v", err)
	}
	if len(list) != 3 || list[0] != Embedded || list[1].Name != snapshot || list[1].Label != "an/owner" ||
		list[2].Label != "some [model]*" || !strings.HasSuffix(list[2].About, "MB") {
		t.Errorf("models are %+v", list)
	}
}

func TestParts(t *testing.T) {
	for name, later := range map[string]bool{"m-00002-of-00003.gguf": true, "m-00001-of-00003.gguf": false,
		"m.gguf": false, "-of-.gguf": false, "one-of-these.gguf": false} {
		if laterPart(name) != later {
			t.Errorf("%s: a later part is %t", name, !later)
		}
	}
}

func TestDevices(t *testing.T) {
	got := Devices([]string{"GPU A"}, []backend.Info{
		{Name: "vulkan", Device: "GPU A", Rank: 3}, {Name: "vulkan:1", Device: "GPU B", Rank: 3, MemoryTotal: 8e9}, {Name: "cpu", Device: "CPU", Rank: 1}})
	if len(got) != 3 || got[0].Name != "" || got[0].Window != 0 || got[1].Name != "vulkan:1" || got[1].Window != -1 ||
		!strings.Contains(got[1].About, "8.0 GB") || got[2].Name != "cpu" {
		t.Errorf("devices are %+v", got)
	}
}

func TestPicker(t *testing.T) {
	p := &Picker{}
	p.Move(1)
	if _, _, ok := p.Chosen(); ok {
		t.Error("there is a choice of nothing")
	}
	p.Offer([]Model{{Name: "a"}, {Name: "b"}}, []Device{{Name: "x"}, {Name: "y"}})
	p.OnRight = false
	p.Move(5)
	p.ChooseDevice(1)
	p.Move(-9)
	if m, d, ok := p.Chosen(); !ok || m.Name != "b" || d.Name != "x" || !p.OnRight {
		t.Errorf("the choice is %v, %v", m, d)
	}
	p.Offer([]Model{{Name: "b"}, {Name: "c"}}, []Device{{Name: "z"}, {Name: "x"}})
	if m, d, _ := p.Chosen(); m.Name != "b" || d.Name != "x" {
		t.Errorf("after a new offer the choice is %v, %v", m, d)
	}
	p.Offer(nil, nil)
	p.Move(1)
}
