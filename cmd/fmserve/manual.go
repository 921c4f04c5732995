package main

import "falconmamba/cmd/internal/cli"

const examples = `  fmserve                                                  the small model that is part of the program
  fmserve -m tiiuae/falcon-mamba-7b-instruct --quant q4_K  a model of the hub, packed
  fmserve -m model.gguf --adapter ./mine --port 8080       with a LoRA adapter, on another port
  fmserve -m DIR --host 0.0.0.0 --api-key-file keys        for other machines, with keys
  fmserve -m DIR --store /srv/states                       with states that several servers share`

// page is what --help and the manual say of the program.
func (o *options) page() cli.Page {
	return cli.Page{Program: program, About: "serve a FalconMamba model over HTTP", Usage: "[flags]",
		Long:  "Serves a FalconMamba model over HTTP, to clients of OpenAI's, Anthropic's and Ollama's APIs.",
		Words: cli.ManualWords[:], Flags: o.flags, Examples: examples}
}

func manual() cli.Manual { return cli.Manual{Pages: []cli.Page{declare().page()}, More: more} }

// more is the end of a manual page.
const more = `.SH ENVIRONMENT
FM_API_KEY is a key as of \-\-api\-key, FM_STORE a place as of \-\-store, FM_BACKEND the device where no flag names one.
.SH EXIT STATUS
0 after an interrupt or SIGTERM; 1 when something could not be done; 2 for a wrong command line.
`
