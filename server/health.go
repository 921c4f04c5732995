package server

// health answers GET /health: whether requests are taken.
func (c *call) health() error {
	if c.s.draining.Load() {
		return errDraining
	}
	return c.reply(struct {
		Status string `json:"status"`
	}{"ok"})
}
