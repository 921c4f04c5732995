// Package disk is what os does not have: how much room a disk has, locks of files, and files
// that appear when they are whole.
package disk
