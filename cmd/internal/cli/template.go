package cli

import (
	"fmt"

	"falconmamba/internal/regular"
	"falconmamba/text/chat"
)

// ReadTemplate reads the file of --chat-template-file.
func ReadTemplate(path string) (*chat.Template, error) {
	const most = 1 << 20
	text, err := regular.Read(path, most)
	if err != nil {
		return nil, fmt.Errorf("chat template: %w", err)
	}
	t, err := chat.Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}
