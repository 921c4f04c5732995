//go:build metalfake

package fakemetal

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// published has the values of Apple's enumerations, from the Metal headers as
// several language bindings repeat them.
var published = map[string]int64{
	"MTLResourceCPUCacheModeDefaultCache": 0, "MTLResourceCPUCacheModeWriteCombined": 1,
	"MTLResourceStorageModeShared": 0, "MTLResourceStorageModeManaged": 16, "MTLResourceStorageModePrivate": 32,
	"MTLResourceHazardTrackingModeDefault": 0, "MTLResourceHazardTrackingModeUntracked": 256,
	"MTLResourceHazardTrackingModeTracked": 512,
	"MTLBarrierScopeBuffers":               1, "MTLBarrierScopeTextures": 2, "MTLBarrierScopeRenderTargets": 4,
	"MTLDispatchTypeSerial": 0, "MTLDispatchTypeConcurrent": 1,
	"MTLCommandBufferStatusNotEnqueued": 0, "MTLCommandBufferStatusEnqueued": 1, "MTLCommandBufferStatusCommitted": 2,
	"MTLCommandBufferStatusScheduled": 3, "MTLCommandBufferStatusCompleted": 4, "MTLCommandBufferStatusError": 5,
	"MTLCommandBufferErrorNone": 0, "MTLCommandBufferErrorInternal": 1, "MTLCommandBufferErrorTimeout": 2,
	"MTLCommandBufferErrorPageFault": 3, "MTLCommandBufferErrorAccessRevoked": 4,
	"MTLCommandBufferErrorNotPermitted": 7,
	"MTLCommandBufferErrorOutOfMemory":  8, "MTLCommandBufferErrorInvalidResource": 9,
	"MTLCommandBufferErrorMemoryless":    10,
	"MTLCommandBufferErrorDeviceRemoved": 11, "MTLCommandBufferErrorStackOverflow": 12,
	"MTLDataTypeFloat": 3, "MTLDataTypeHalf": 16, "MTLDataTypeInt": 29, "MTLDataTypeUInt": 33, "MTLDataTypeBool": 53,
	"MTLGPUFamilyApple7": 1007, "MTLGPUFamilyApple8": 1008, "MTLGPUFamilyApple9": 1009, "MTLGPUFamilyMac2": 2002,
	"MTLGPUFamilyMetal3":    5001,
	"MTLLanguageVersion2_4": 131076, "MTLLanguageVersion3_0": 196608, "MTLLanguageVersion3_1": 196609,
	"MTLLanguageVersion3_2": 196610,
	"MTLMathModeSafe":       0, "MTLMathModeRelaxed": 1, "MTLMathModeFast": 2,
}

// signatures has the methods and properties of Apple's protocols and classes:
// selector, then the types of result and arguments as written there, without
// annotations of nullability and availability.
var signatures = map[string][]string{
	"MTLAllocation":             {"NSUInteger allocatedSize"},
	"MTLResource":               {"MTLResourceOptions resourceOptions"},
	"MTLBuffer":                 {"NSUInteger length", "void* contents"},
	"MTLCompileOptions":         {"BOOL fastMathEnabled", "MTLMathMode mathMode", "MTLLanguageVersion languageVersion"},
	"MTLFunctionConstantValues": {"void setConstantValue:type:atIndex: const void*,MTLDataType,NSUInteger"},
	"MTLFunction":               {"NSString* name"},
	"MTLLibrary": {"NSArray* functionNames", "id<MTLFunction> newFunctionWithName: NSString*",
		"id<MTLFunction> newFunctionWithName:constantValues:error: NSString*,MTLFunctionConstantValues*,NSError**"},
	"MTLComputePipelineState": {"NSUInteger maxTotalThreadsPerThreadgroup", "NSUInteger threadExecutionWidth",
		"NSUInteger staticThreadgroupMemoryLength"},
	"MTLCommandEncoder": {"void endEncoding"},
	"MTLComputeCommandEncoder": {"void setComputePipelineState: id<MTLComputePipelineState>",
		"void setBytes:length:atIndex: const void*,NSUInteger,NSUInteger",
		"void setBuffer:offset:atIndex: id<MTLBuffer>,NSUInteger,NSUInteger",
		"void setBufferOffset:atIndex: NSUInteger,NSUInteger",
		"void dispatchThreadgroups:threadsPerThreadgroup: MTLSize,MTLSize",
		"void memoryBarrierWithScope: MTLBarrierScope"},
	"MTLCommandBuffer": {"MTLCommandBufferStatus status", "NSError* error", "CFTimeInterval GPUStartTime",
		"CFTimeInterval GPUEndTime",
		"id<MTLComputeCommandEncoder> computeCommandEncoderWithDispatchType: MTLDispatchType", "void commit",
		"void waitUntilCompleted"},
	"MTLResidencySetDescriptor": {"NSUInteger initialCapacity"},
	"MTLResidencySet": {"void addAllocation: id<MTLAllocation>", "void removeAllocation: id<MTLAllocation>",
		"void commit",
		"void requestResidency", "void endResidency"},
	"MTLCommandQueue": {"id<MTLDevice> device", "id<MTLCommandBuffer> commandBuffer",
		"id<MTLCommandBuffer> commandBufferWithUnretainedReferences",
		"void addResidencySet: id<MTLResidencySet>", "void removeResidencySet: id<MTLResidencySet>"},
	"MTLDevice": {"NSString* name", "uint64_t registryID", "BOOL hasUnifiedMemory", "NSUInteger maxBufferLength",
		"NSUInteger maxThreadgroupMemoryLength", "NSUInteger currentAllocatedSize",
		"uint64_t recommendedMaxWorkingSetSize",
		"BOOL supportsFamily: MTLGPUFamily", "id<MTLCommandQueue> newCommandQueue",
		"id<MTLBuffer> newBufferWithLength:options: NSUInteger,MTLResourceOptions",
		"id<MTLBuffer> newBufferWithBytesNoCopy:length:options:deallocator: void*,NSUInteger,MTLResourceOptions,void*",
		"id<MTLLibrary> newLibraryWithSource:options:error: NSString*,MTLCompileOptions*,NSError**",
		"id<MTLComputePipelineState> newComputePipelineStateWithFunction:error: id<MTLFunction>,NSError**",
		"id<MTLResidencySet> newResidencySetWithDescriptor:error: MTLResidencySetDescriptor*,NSError**"},
}

var (
	enumerator  = regexp.MustCompile(`(?m)^\s+(MTL\w+) = ([^,\n]+),`)
	declaration = regexp.MustCompile(`(?ms)^@(protocol|interface) (MTL\w+)[ :](.*?)^@end`)
	property    = regexp.MustCompile(`@property\(([^)]*)\)\s*(.*?)(\w+);`)
	method      = regexp.MustCompile(`(?s)- \(([^)]+)\)(.*?);`)
	argument    = regexp.MustCompile(`(\w+):\(([^)]+)\)\w+`)
)

// TestPublished compares every name and value of Metal.h with what is
// published, both ways.
func TestPublished(t *testing.T) {
	b, err := os.ReadFile("include/Metal/Metal.h")
	if err != nil {
		t.Fatal(err)
	}
	header := string(b)

	seen := map[string]bool{}
	for _, m := range enumerator.FindAllStringSubmatch(header, -1) {
		got, ok := evaluate(m[2])
		want, known := published[m[1]]
		if !ok || !known || got != want {
			t.Errorf("%s is %s, published is %d (%t)", m[1], m[2], want, known)
		}
		seen[m[1]] = true
	}
	for name := range published {
		if !seen[name] {
			t.Errorf("the header has no %s", name)
		}
	}

	squeeze := func(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), " *", "*") }
	for _, d := range declaration.FindAllStringSubmatch(header, -1) {
		var got []string
		text := regexp.MustCompile(`//[^\n]*`).ReplaceAllString(d[3], "")
		for _, p := range property.FindAllStringSubmatch(text, -1) {
			got = append(got, squeeze(p[2])+" "+p[3])
		}
		for _, m := range method.FindAllStringSubmatch(text, -1) {
			selector, types := strings.TrimSpace(m[2]), []string{}
			if args := argument.FindAllStringSubmatch(m[2], -1); len(args) > 0 {
				selector = ""
				for _, a := range args {
					selector += a[1] + ":"
					types = append(types, squeeze(a[2]))
				}
			}
			got = append(got, strings.TrimSpace(squeeze(m[1])+" "+selector+" "+strings.Join(types, ",")))
		}
		want := map[string]bool{}
		for _, s := range signatures[d[2]] {
			want[s] = true
		}
		for _, s := range got {
			if !want[s] {
				t.Errorf("%s has %q, which is not published so", d[2], s)
			}
			delete(want, s)
		}
		for s := range want {
			t.Errorf("%s lacks %q", d[2], s)
		}
		seen[d[2]] = true
	}
	for name := range signatures {
		if !seen[name] {
			t.Errorf("the header has no %s", name)
		}
	}
}

// evaluate computes "16", "1 << 4" and "(3 << 16) + 1".
func evaluate(s string) (int64, bool) {
	m := regexp.MustCompile(`^\(?(\d+)(?: << (\d+))?\)?(?: \+ (\d+))?$`).FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, false
	}
	n := func(i int) int64 { v, _ := strconv.ParseInt(m[i], 10, 64); return v }
	return n(1)<<n(2) + n(3), true
}
