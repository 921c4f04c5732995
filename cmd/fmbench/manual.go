package main

import (
	"strings"

	"falconmamba/cmd/internal/cli"
)

// examples are those of each command.
var examples = map[string]string{
	"speed": `  fmbench                                             the embedded model on every backend
  fmbench speed -m DIR --quant none,q4_K -p 512,2048   two types of weights
  fmbench speed -m DIR -o json > before.json
  fmbench speed -m DIR --baseline before.json          fails where it is slower than that`,
	"report": `  fmbench report
  fmbench report -m DIR --budget 5m --to mine          mine.html and mine.json
  fmbench report --from mine.json --to again`,
	"compare": `  fmbench compare old.json new.json
  fmbench compare a.json b.json c.json --html all.html`,
	"devices": `  fmbench devices
  fmbench devices -o json`,
	"ops": `  fmbench ops
  fmbench ops --backend vulkan --run linear`,
	"profile": `  fmbench profile -m DIR --backend vulkan
  fmbench profile -m DIR -p 1 -b 1,16                  steps of decoding`,
	"verify": `  fmbench verify checkpoint/testdata/tiny
  fmbench verify DIR --backend cpu,vulkan`,
	"logits": `  fmbench logits -p "ROMEO:"
  fmbench logits -m DIR --ids 1,2,3 --all -o json`,
	"ppl": `  fmbench ppl -f text.txt -m DIR
  fmbench ppl -f text.txt -m DIR --quant none,q8_0,q4_K`,
	"long": `  fmbench long -m DIR -p 100000`,
	"states": `  fmbench states -p 20000 --every 5000
  fmbench states -m random:130m --trained-decays`,
	"open": `  fmbench open -m DIR
  fmbench open -m DIR --quant q4_K`,
	"cache": `  fmbench cache
  fmbench cache -m DIR --turns 5 --users 8 --document 10000`,
	"sessions": `  fmbench sessions --sessions 100 --states 20
  fmbench sessions -m DIR -c 16`,
	"draft": `  fmbench draft -m DIR
  fmbench draft -m DIR --draft SMALL --draft-quant q4_K`,
	"load": `  fmbench load -m DIR -c 1,8,32
  fmbench load --url http://127.0.0.1:11435/v1 -m NAME -c 16 --rate 4`,
}

// page declares the flags of a command, and says what it is.
func (c *call) page(cmd command) cli.Page {
	c.fs = cli.NewFlags(program + " " + cmd.name)
	cmd.flags(c)
	c.outputFlag()
	cli.DeclareVersion(c.fs)
	return cli.Page{Program: program, Word: cmd.name, About: cmd.about, Flags: c.fs, Examples: examples[cmd.name],
		Usage: strings.TrimSpace(cmd.name + " [flags] " + cmd.args), Long: upperFirst(cmd.about) + "."}
}

// page of the program is that of its first command, whose name may be left out.
func overview() cli.Page {
	all := commands()
	p := new(call).page(all[0])
	p.Word, p.Usage, p.About = "", "[command] [flags]", "measure FalconMamba on devices, and check what they compute"
	for _, c := range all {
		p.Words = append(p.Words, [2]string{c.name, strings.TrimSpace(c.about)})
	}
	p.Words = append(p.Words, cli.ManualWords[:]...)
	p.Long = "fmbench COMMAND --help lists the flags of a command. Where speed and ppl are given\nlists with commas " +
		"between, of -m and --quant too, they multiply them. The flags of speed:"
	return p
}

// manual is what manual pages and shells are told.
func manual() cli.Manual {
	m := cli.Manual{Pages: []cli.Page{overview()}, More: more}
	for _, cmd := range commands() {
		m.Pages = append(m.Pages, new(call).page(cmd))
	}
	return m
}

// more is the end of a manual page.
const more = `.SH EXIT STATUS
0; 1 when something could not be done or a check failed; 2 for a wrong command line; 130 after an interrupt.
`

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
