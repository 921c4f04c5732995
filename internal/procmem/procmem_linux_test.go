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

func TestRead(t *testing.T) {
	before, ok := Read()
	if !ok {
		t.Fatal("/proc/self/status says nothing")
	}
	const size = 64 << 20
	held := make([]byte, size)
	for i := range held {
		held[i] = 1
	}
	after, _ := Read()
	if grown := after.Private - before.Private; grown < size*9/10 {
		t.Errorf("%d bytes were touched and Private grew by %d", size, grown)
	}
	if after.Peak < after.Resident || held[len(held)-1] != 1 {
		t.Errorf("Peak %d is below Resident %d", after.Peak, after.Resident)
	}
}
