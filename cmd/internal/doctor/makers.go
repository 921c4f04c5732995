package doctor

import (
	"slices"
	"strings"
)

// makers has the bandwidth of memory that makers give for cards, in GB/s: a copy reaches most of it. Where cards of one
// name differ it is the lowest. Of what takes any memory it is that of the slowest that its maker names.
var makers = map[string]float64{
	"H200": 4800, "H100 80GB HBM3": 3350, "H100 PCIe": 2000, "A100-SXM4-80GB": 2039, "A100-SXM4-40GB": 1555,
	"A100-PCIE-40GB": 1555, "A100 80GB PCIe": 1935, "A10": 600, "L40S": 864, "L40": 864, "L4": 300, "Tesla T4": 320,

	"GTX 1060": 160, "GTX 1070": 256, "GTX 1080": 320, "GTX 1080 Ti": 484,
	"GTX 1660": 192, "GTX 1660 SUPER": 336, "GTX 1660 Ti": 288,
	"RTX 2060": 336, "RTX 2060 SUPER": 448, "RTX 2070": 448, "RTX 2070 SUPER": 448, "RTX 2080": 448,
	"RTX 2080 SUPER": 496, "RTX 2080 Ti": 616,
	"RTX 3050": 168, "RTX 3060": 240, "RTX 3060 Ti": 448, "RTX 3070": 448, "RTX 3070 Ti": 608, "RTX 3080": 760,
	"RTX 3080 Ti": 912, "RTX 3090": 936, "RTX 3090 Ti": 1008,
	"RTX 4060": 272, "RTX 4060 Ti": 288, "RTX 4070": 480, "RTX 4070 SUPER": 504, "RTX 4070 Ti": 504,
	"RTX 4070 Ti SUPER": 672, "RTX 4080": 717, "RTX 4080 SUPER": 736, "RTX 4090": 1008,
	"RTX 5060": 448, "RTX 5060 Ti": 448, "RTX 5070": 672, "RTX 5070 Ti": 896, "RTX 5080": 960, "RTX 5090": 1792,

	"Radeon VII": 1024, "RX 5700": 448, "RX 5700 XT": 448,
	"RX 6600": 224, "RX 6600 XT": 256, "RX 6700 XT": 384, "RX 6750 XT": 432, "RX 6800": 512, "RX 6800 XT": 512,
	"RX 6900 XT": 512, "RX 6950 XT": 576,
	"RX 7600": 288, "RX 7700 XT": 432, "RX 7800 XT": 624, "RX 7900 GRE": 576, "RX 7900 XT": 800, "RX 7900 XTX": 960,
	"RX 9060 XT": 320, "RX 9070": 644, "RX 9070 XT": 644,
	"780M": 90, "890M": 90, "8060S": 256,

	"Arc A380": 186, "Arc A580": 512, "Arc A750": 512, "Arc A770": 512, "Arc B570": 380, "Arc B580": 456,

	"Apple M1": 68, "Apple M1 Pro": 200, "Apple M1 Max": 400, "Apple M1 Ultra": 800,
	"Apple M2": 100, "Apple M2 Pro": 200, "Apple M2 Max": 400, "Apple M2 Ultra": 800,
	"Apple M3": 100, "Apple M3 Pro": 150, "Apple M3 Max": 300, "Apple M3 Ultra": 819,
	"Apple M4": 120, "Apple M4 Pro": 273, "Apple M4 Max": 410,
}

// portable are words of the names of chips for laptops, which have slower memory than cards of their number.
var portable = []string{"Laptop", "Mobile", "Max-Q"}

// maker returns what the maker gives for a device, in GB/s, or 0 where that is not known. A driver's name for a device
// has more words than the card's: the longest of these that is in it counts.
func maker(device string) (rate float64) {
	device = strings.NewReplacer("(R)", "", "(TM)", "", "(", " ", ")", " ").Replace(device)
	words := strings.Fields(device)
	if slices.ContainsFunc(portable, func(w string) bool { return slices.Contains(words, w) }) {
		return 0
	}
	text, longest := " "+strings.Join(words, " ")+" ", 0
	for name, r := range makers {
		if len(name) > longest && strings.Contains(text, " "+name+" ") {
			rate, longest = r, len(name)
		}
	}
	return rate
}
