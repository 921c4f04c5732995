#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint pairs;
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

constant uint _73_tmp [[function_constant(0)]];
constant uint _73 = is_function_constant_defined(_73_tmp) ? _73_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_73, 1u, 1u);
constant uint _77 = gl_WorkGroupSize.x;
constant uint _78 = (_77 / 2u);

struct Src
{
    uint src[1];
};

struct Dst
{
    int dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _39)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_39.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint largest(thread const uint& key, thread const uint& at, thread uint& greatest, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[256], threadgroup uint (&pair_y)[256])
{
    uint i = gl_LocalInvocationIndex;
    pair_x[i] = key;
    pair_y[i] = (key == 0u) ? 0u : at;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _78; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            uint k = pair_x[i + n];
            uint a = pair_y[i + n];
            bool _107 = k > pair_x[i];
            bool _124;
            if (!_107)
            {
                bool _115 = k == pair_x[i];
                bool _123;
                if (_115)
                {
                    _123 = a < pair_y[i];
                }
                else
                {
                    _123 = _115;
                }
                _124 = _123;
            }
            else
            {
                _124 = _107;
            }
            if (_124)
            {
                pair_x[i] = k;
                pair_y[i] = a;
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    greatest = pair_x[0];
    uint first = pair_y[0];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return first;
}

kernel void head_pick_u32(constant Params& p [[buffer(0)]], device Dst& __restrict _242 [[buffer(1)]], const device Src& __restrict _176 [[buffer(2)]], const device Live& _39 [[buffer(3)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint pair_x[256];
    threadgroup uint pair_y[256];
    uint rows = live_rows(p, _39);
    uint param_2;
    for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x)
    {
        uint key = 0u;
        uint at = 0u;
        for (uint i = gl_LocalInvocationIndex; i < p.pairs; i += gl_WorkGroupSize.x)
        {
            uint k = _176.src[(p.src_off + (r * p.src_stride)) + (2u * i)];
            uint a = _176.src[((p.src_off + (r * p.src_stride)) + (2u * i)) + 1u];
            bool _208 = k > key;
            bool _219;
            if (!_208)
            {
                _219 = (k == key) && (a < at);
            }
            else
            {
                _219 = _208;
            }
            if (_219)
            {
                key = k;
                at = a;
            }
        }
        uint param = key;
        uint param_1 = at;
        uint _233 = largest(param, param_1, param_2, gl_LocalInvocationIndex, pair_x, pair_y);
        uint greatest = param_2;
        at = _233;
        if (gl_LocalInvocationIndex == 0u)
        {
            _242.dst[p.dst_off + (r * p.dst_stride)] = int(at);
        }
    }
}

