package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// Doctor says of the processor what is asked for, with no model at hand.
func TestDoctor(t *testing.T) {
	o := fmgen(t, "", "doctor", "--backend", "cpu", "--for", "1h", "-o", "json")
	if o.status != 0 || o.stderr != "" {
		t.Fatalf("status %d, %q", o.status, o.stderr)
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(o.stdout), &rows); err != nil {
		t.Fatal(err)
	}
	tables := map[string]int{}
	for _, r := range rows {
		if r["backend"] == "cpu" || r["table"] == "advice" {
			tables[r["table"].(string)]++
		}
		if r["table"] == "fits" && (r["model"] != "falcon-mamba-7b" || r["needs"].(float64) < 4e9 || r["verdict"] == "") {
			t.Errorf("%v", r)
		}
	}
	if tables["devices"] != 1 || tables["fits"] != 4 || tables["numbers"] < 1 || tables["doctor_speed"] != 1 ||
		tables["advice"] < 1 {
		t.Errorf("rows of the processor in each table: %v\n%s", tables, o.stdout)
	}
}

// What fits is said of the model that is named, by its files.
func TestDoctorOfModel(t *testing.T) {
	o := fmgen(t, "", "doctor", "--backend", "cpu", "--for", "1h", "-m", "../../checkpoint/testdata/tiny")
	if o.status != 0 || !strings.Contains(o.stdout, "may run of tiny,") || !strings.Contains(o.stdout, "| fits ") ||
		!strings.Contains(o.stdout, "it runs on ") {
		t.Errorf("status %d, %q\n%s", o.status, o.stderr, o.stdout)
	}
	for args, want := range map[string]string{"doctor x": `"x" is not a flag`, "doctor --backend abacus": `unknown backend "abacus"`, "doctor --for 1ms": "want a second or more",
		"doctor -o xml": "unknown format", "doctor -m none": "no model at none", "docter": "did you mean doctor?"} {
		if o := fmgen(t, "", strings.Fields(args)...); o.status == 0 || !strings.Contains(o.stderr, want) {
			t.Errorf("%s: status %d, %q, want %q", args, o.status, o.stderr, want)
		}
	}
	if o := fmgen(t, "", "help", "doctor"); o.status != 0 || !strings.Contains(o.stdout, "Usage: fmgen doctor") {
		t.Errorf("help: status %d, %q", o.status, o.stdout)
	}
}
