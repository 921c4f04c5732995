#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint cols;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint live_off;
};

struct Live
{
    int live[1];
};

constant uint _110_tmp [[function_constant(0)]];
constant uint _110 = is_function_constant_defined(_110_tmp) ? _110_tmp : 256u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_110, 1u, 1u);
constant uint _114 = gl_WorkGroupSize.x;
constant uint _115 = (_114 / 2u);

struct Src
{
    uint src[1];
};

struct Dst
{
    int dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _45)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_45.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint ordered(thread const uint& bits)
{
    uint _61;
    if ((bits & 2147483648u) != 0u)
    {
        _61 = ~bits;
    }
    else
    {
        _61 = bits | 2147483648u;
    }
    return _61;
}

static inline __attribute__((always_inline))
uint number_key(thread const uint& bits)
{
    if ((bits & 2147483647u) > 2139095040u)
    {
        return 0u;
    }
    uint param = (bits == 2147483648u) ? 0u : bits;
    return ordered(param);
}

static inline __attribute__((always_inline))
uint largest(thread const uint& key, thread const uint& at, thread uint& gl_LocalInvocationIndex, threadgroup uint (&largest_key)[256], threadgroup uint (&largest_at)[256])
{
    uint i = gl_LocalInvocationIndex;
    largest_key[i] = key;
    largest_at[i] = (key == 0u) ? 0u : at;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _115; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            uint k = largest_key[i + n];
            uint a = largest_at[i + n];
            bool _144 = k > largest_key[i];
            bool _161;
            if (!_144)
            {
                bool _152 = k == largest_key[i];
                bool _160;
                if (_152)
                {
                    _160 = a < largest_at[i];
                }
                else
                {
                    _160 = _152;
                }
                _161 = _160;
            }
            else
            {
                _161 = _144;
            }
            if (_161)
            {
                largest_key[i] = k;
                largest_at[i] = a;
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    uint first = largest_at[0];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return first;
}

kernel void argmax_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _305 [[buffer(1)]], const device Src& _246 [[buffer(2)]], const device Live& _45 [[buffer(3)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint largest_key[256];
    threadgroup uint largest_at[256];
    uint rows = live_rows(p, _45);
    uint _step = gl_WorkGroupSize.x;
    uint k[4];
    uint _240;
    for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x)
    {
        uint s = p.src_off + (r * p.src_stride);
        uint key = 0u;
        uint at = 0u;
        for (uint c0 = gl_LocalInvocationIndex; c0 < p.cols; c0 += (4u * _step))
        {
            for (uint j = 0u; j < 4u; j++)
            {
                if ((c0 + (j * _step)) < p.cols)
                {
                    uint param = _246.src[(s + c0) + (j * _step)];
                    _240 = number_key(param);
                }
                else
                {
                    _240 = 0u;
                }
                k[j] = _240;
            }
            for (uint j_1 = 0u; j_1 < 4u; j_1++)
            {
                if (k[j_1] > key)
                {
                    key = k[j_1];
                    at = c0 + (j_1 * _step);
                }
            }
        }
        uint param_1 = key;
        uint param_2 = at;
        uint _297 = largest(param_1, param_2, gl_LocalInvocationIndex, largest_key, largest_at);
        at = _297;
        if (gl_LocalInvocationIndex == 0u)
        {
            _305.dst[p.dst_off + (r * p.dst_stride)] = int(at);
        }
    }
}

