package procmem

import "testing"

func TestParse(t *testing.T) {
	status := "Name:\tfmgen\nVmHWM:\t     120 kB\nVmRSS:\t     100 kB\nRssAnon:\t      60 kB\nRssFile:\t      30 " +
		"kB\nRssShmem:\t      10 kB\nThreads:\t4\n"
	got, ok := parse([]byte(status))
	want := Reading{Resident: 100 << 10, Peak: 120 << 10, Private: 70 << 10}
	if !ok || got != want {
		t.Errorf("parse = %+v, %v, want %+v", got, ok, want)
	}
	for _, bad := range []string{"", "VmRSS:\t100 kB\n",
		"VmRSS:\tmany kB\nVmHWM:\t1 kB\nRssAnon:\t1 kB\nRssShmem:\t1 kB\n", "VmRSS: 5\n"} {
		if _, ok := parse([]byte(bad)); ok {
			t.Errorf("parse(%q) is ok", bad)
		}
	}
}
