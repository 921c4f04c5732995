package disk

import "golang.org/x/sys/windows"

// Free returns the space that this user has left on the disk of a folder.
func Free(dir string) (uint64, bool) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	err = windows.GetDiskFreeSpaceEx(p, &free, nil, nil)
	return free, err == nil
}
