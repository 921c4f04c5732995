module falconmamba

go 1.25.0

require (
	github.com/goki/vulkan v1.0.8 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/spf13/pflag v1.0.10 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/sys v0.36.0 // indirect
	golang.org/x/term v0.35.0 // indirect
	golang.org/x/text v0.37.0 // indirect
	pgregory.net/rapid v1.2.0 // indirect
)
