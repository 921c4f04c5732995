package quantity

import "testing"

func TestBytes(t *testing.T) {
	for b, want := range map[Bytes]string{
		0: "0 B", 1: "1 B", 1023: "1023 B", 1024: "1.00 KiB", 10239: "10.0 KiB",
		5074184: "4.84 MiB", 1<<30 - 1: "1.00 GiB", 14545330176: "13.5 GiB", 200 << 20: "200 MiB", -2048: "-2.00 KiB",
	} {
		if got := b.String(); got != want {
			t.Errorf("Bytes(%d) is %q, want %q", int64(b), got, want)
		}
	}
}

func TestCount(t *testing.T) {
	for c, want := range map[Count]string{
		0: "0", 41: "41", 999: "999", 1000: "1.00 K", 65024: "65.0 K", 2534400: "2.53 M",
		999_950_000: "1.00 B", 7272665088: "7.27 B", -5: "-5",
	} {
		if got := c.String(); got != want {
			t.Errorf("Count(%d) is %q, want %q", int64(c), got, want)
		}
	}
}
