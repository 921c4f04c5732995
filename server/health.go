package server

// health answers GET /health: whether requests are taken.
func (c *call) health() error {
	if c.s.draining.Load() {
		return errDraining
	}
	s, err := c.s.m.NewSession() // an error where the device is gone for good
	if err != nil {
		return err
	}
	s.Close()
	return c.reply(struct {
		Status string `json:"status"`
	}{"ok"})
}
