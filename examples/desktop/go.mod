module falconmamba/examples/desktop

go 1.25.0

replace falconmamba => ../..

require (
	falconmamba v0.0.0-00010101000000-000000000000
	github.com/go-gl/glfw/v3.3/glfw v0.0.0-20260823155953-d41da22a9587
	github.com/go-text/typesetting v0.3.5
	github.com/goki/vulkan v1.0.8
	golang.org/x/image v0.34.0
	golang.org/x/text v0.37.0
)

require (
	github.com/x448/float16 v0.8.4 // indirect
	golang.org/x/sys v0.42.0 // indirect
)
