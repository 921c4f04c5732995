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

constant uint _78_tmp [[function_constant(0)]];
constant uint _78 = is_function_constant_defined(_78_tmp) ? _78_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_78, 1u, 1u);
constant uint _82 = gl_WorkGroupSize.x;
constant uint _83 = (_82 / 2u);

struct Src
{
    uint src[1];
};

struct Dst
{
    int dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _44)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_44.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint largest(thread const uint& key, thread const uint& at, thread uint& greatest, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[256], threadgroup uint (&pair_y)[256])
{
    uint i = gl_LocalInvocationIndex;
    pair_x[i] = key;
    pair_y[i] = (key == 0u) ? 0u : at;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _83; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            uint k = pair_x[i + n];
            uint a = pair_y[i + n];
            bool _112 = k > pair_x[i];
            bool _129;
            if (!_112)
            {
                bool _120 = k == pair_x[i];
                bool _128;
                if (_120)
                {
                    _128 = a < pair_y[i];
                }
                else
                {
                    _128 = _120;
                }
                _129 = _128;
            }
            else
            {
                _129 = _112;
            }
            if (_129)
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

static inline __attribute__((always_inline))
int token_of(thread const uint& at, thread const uint& greatest)
{
    int _154;
    if ((greatest == 4294967295u) || (greatest == 0u))
    {
        _154 = -1;
    }
    else
    {
        _154 = int(at);
    }
    return _154;
}

kernel void head_pick_u32(constant Params& p [[buffer(0)]], device Dst& __restrict _263 [[buffer(1)]], const device Src& __restrict _197 [[buffer(2)]], const device Live& _44 [[buffer(3)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint pair_x[256];
    threadgroup uint pair_y[256];
    uint rows = live_rows(p, _44);
    uint param_2;
    for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x)
    {
        uint key = 0u;
        uint at = 0u;
        for (uint i = gl_LocalInvocationIndex; i < p.pairs; i += gl_WorkGroupSize.x)
        {
            uint k = _197.src[(p.src_off + (r * p.src_stride)) + (2u * i)];
            uint a = _197.src[((p.src_off + (r * p.src_stride)) + (2u * i)) + 1u];
            bool _229 = k > key;
            bool _240;
            if (!_229)
            {
                _240 = (k == key) && (a < at);
            }
            else
            {
                _240 = _229;
            }
            if (_240)
            {
                key = k;
                at = a;
            }
        }
        uint param = key;
        uint param_1 = at;
        uint _254 = largest(param, param_1, param_2, gl_LocalInvocationIndex, pair_x, pair_y);
        uint greatest = param_2;
        at = _254;
        if (gl_LocalInvocationIndex == 0u)
        {
            uint param_3 = at;
            uint param_4 = greatest;
            _263.dst[p.dst_off + (r * p.dst_stride)] = token_of(param_3, param_4);
        }
    }
}

