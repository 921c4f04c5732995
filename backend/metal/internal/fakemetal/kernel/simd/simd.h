// What generated kernels include beside metal_stdlib, and need nothing of.
