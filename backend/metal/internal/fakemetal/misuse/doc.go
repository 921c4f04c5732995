// Package misuse has host code that uses Metal wrongly, in every way that the
// fake is to notice. Like the fake it needs the build tag metalfake.
package misuse
