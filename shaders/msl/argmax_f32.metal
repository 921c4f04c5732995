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

constant uint _131_tmp [[function_constant(0)]];
constant uint _131 = is_function_constant_defined(_131_tmp) ? _131_tmp : 256u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_131, 1u, 1u);
constant uint _135 = gl_WorkGroupSize.x;
constant uint _136 = (_135 / 2u);

struct Src
{
    uint src[1];
};

struct Dst
{
    int dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _55)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_55.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
bool is_nan(thread const uint& bits)
{
    return (bits & 2147483647u) > 2139095040u;
}

static inline __attribute__((always_inline))
uint ordered(thread const uint& bits)
{
    uint _78;
    if ((bits & 2147483648u) != 0u)
    {
        _78 = ~bits;
    }
    else
    {
        _78 = bits | 2147483648u;
    }
    return _78;
}

static inline __attribute__((always_inline))
uint number_key(thread const uint& bits)
{
    uint param = bits;
    if (is_nan(param))
    {
        return 4294967295u;
    }
    if (bits == 4286578688u)
    {
        return 0u;
    }
    uint param_1 = (bits == 2147483648u) ? 0u : bits;
    return ordered(param_1);
}

static inline __attribute__((always_inline))
uint largest(thread const uint& key, thread const uint& at, thread uint& greatest, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[256], threadgroup uint (&pair_y)[256])
{
    uint i = gl_LocalInvocationIndex;
    pair_x[i] = key;
    pair_y[i] = (key == 0u) ? 0u : at;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _136; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            uint k = pair_x[i + n];
            uint a = pair_y[i + n];
            bool _165 = k > pair_x[i];
            bool _182;
            if (!_165)
            {
                bool _173 = k == pair_x[i];
                bool _181;
                if (_173)
                {
                    _181 = a < pair_y[i];
                }
                else
                {
                    _181 = _173;
                }
                _182 = _181;
            }
            else
            {
                _182 = _165;
            }
            if (_182)
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
    int _207;
    if ((greatest == 4294967295u) || (greatest == 0u))
    {
        _207 = -1;
    }
    else
    {
        _207 = int(at);
    }
    return _207;
}

kernel void argmax_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _346 [[buffer(1)]], const device Src& _285 [[buffer(2)]], const device Live& _55 [[buffer(3)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint pair_x[256];
    threadgroup uint pair_y[256];
    uint rows = live_rows(p, _55);
    uint _step = gl_WorkGroupSize.x;
    uint k[4];
    uint _279;
    uint param_3;
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
                    uint param = _285.src[(s + c0) + (j * _step)];
                    _279 = number_key(param);
                }
                else
                {
                    _279 = 0u;
                }
                k[j] = _279;
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
        uint _337 = largest(param_1, param_2, param_3, gl_LocalInvocationIndex, pair_x, pair_y);
        key = param_3;
        at = _337;
        if (gl_LocalInvocationIndex == 0u)
        {
            uint param_4 = at;
            uint param_5 = key;
            _346.dst[p.dst_off + (r * p.dst_stride)] = token_of(param_4, param_5);
        }
    }
}

