// Package gpu is for writing a driver of a GPU API. It says what operations
// become on a GPU: which kernels of package shaders run, with which parameters and
// constants, on which grid, what their operands lie in, and where barriers stand.
// What is left to a driver is to make pipelines and memory, and to submit.
//
// # Writing a driver
//
//  1. Describe the device in a [Target]: limits, features, subgroups, cooperative
//     matrices. Own and Weight tell whether a buffer or a weight is the device's.
//     Lanes may be left out, or filled in from a [LanesProbe].
//  2. Implement [WeightStore], the memory of weights, and make
//     Backend.NewWeight of [NewWeight]. The Memory of a [Part] is what the driver
//     binds; Close frees by [Weight.Free].
//  3. Fill in a [ScratchPool], memory that operations keep results in between
//     their dispatches, and a [Machine] with all of these. M is what the driver
//     binds, the same type as Memory.
//  4. Prepare makes the pipeline of each [Dispatch], and keeps it: a kernel's SPIRV
//     or MSL with the Constants, and workgroups of [Dispatch.Workgroup]. Equal
//     kernels and constants are one pipeline: [Pipelines] holds them.
//  5. Make Backend.Compile of [Machine.NewPlan], and record its List. Of a
//     [Launch], operand i goes to binding i+1 (in Metal to buffer i+1, and Params
//     to buffer 0): Size bytes of Memory[i] from byte At on. Params are the push
//     constants. A barrier from compute writes and reads to both stands before it
//     where Barrier says so.
//  6. Plan.Submit submits the pieces that begin at Starts, each by itself, in
//     order with what was submitted before. If the device can tell what each
//     piece took, give that to [Plan.Measured] before the next run, and record
//     anew if that says so.
//  7. Plan.Close waits for the plan's runs and calls [Machine.Release].
//  8. Register the driver with backend.Register, and test it with package
//     backendtest.
//
// testdata/outside is a driver in a module of its own, whose device is in Go.
//
// # Adding a kernel
//
//  1. Write shaders/NAME.comp by the rules in package shaders.
//  2. Run make generate, which makes a struct to call it by.
//  3. Give the operation an entry in the table of operation.go, whose functions
//     call compiler.run with that struct.
package gpu
