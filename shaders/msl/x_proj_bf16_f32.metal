#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint pitch;
    uint live_off;
};

struct Live
{
    int live[1];
};

struct Weight
{
    uint4 weight[1];
};

constant uint _226_tmp [[function_constant(0)]];
constant uint _226 = is_function_constant_defined(_226_tmp) ? _226_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_226, 1u, 1u);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _322 = (ROWS * 2u);
constant uint _323 = (TILE / _322);
constant uint _481 = (OUTS * ROWS);
constant uint _524 = gl_WorkGroupSize.x;
constant uint _525 = (_524 / ROWS);
constant uint _683 = (OUTS * AHEAD);

struct Src
{
    float src[1];
};

constant uint _1025 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
void open_weight(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint pieces(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _151)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_151.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint4 no_piece()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 piece(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _165)
{
    return _165.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1000)
{
    return _1000.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
uint scale_of(thread const uint4& v, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& v, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _103;
    if (q == 0u)
    {
        _103 = v.xy;
    }
    else
    {
        _103 = v.zw;
    }
    uint2 h = _103;
    return as_type<float4>(uint4(h.x << uint(16), h.x & 4294901760u, h.y << uint(16), h.y & 4294901760u));
}

static inline __attribute__((always_inline))
float dot_add(thread const float4& a, thread const float4& b, thread const float& sum)
{
    return fma(a.w, b.w, fma(a.z, b.z, fma(a.y, b.y, fma(a.x, b.x, sum))));
}

static inline __attribute__((always_inline))
uint sum_at(thread const int& r, thread const uint& i, thread uint& sub)
{
    return (((sub * 8u) + uint(0 + r)) * 4u) + i;
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lane, thread uint& lanes, thread uint3& gl_WorkGroupID, threadgroup float (&sums)[512], device Dst& __restrict _1058)
{
    for (uint e = lane; e < _1025; e += lanes)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1041 = t >= p.rows;
        bool _1051;
        if (!_1041)
        {
            _1051 = (m + k) >= p.outs;
        }
        else
        {
            _1051 = _1041;
        }
        if (_1051)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        _1058.dst[((p.dst_off + (((gl_WorkGroupID.z * p.rows) + t) * p.dst_stride)) + m) + k] = sums[sum_at(param, param_1, sub)];
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void x_proj_bf16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1058 [[buffer(1)]], const device Src& _1000 [[buffer(2)]], const device Weight& __restrict _165 [[buffer(3)]], const device Live& _151 [[buffer(4)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint param = p.outs;
    uint param_1 = at;
    open_weight(param, param_1);
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint param_2 = p.cols;
    uint param_3 = p.pitch;
    uint _all = pieces(param_2, param_3);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), _all);
    uint end = min((begin + span), _all);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _323 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _151);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _358;
    if ((first + sub) < last)
    {
        _358 = (first + sub) * OUTS;
    }
    else
    {
        _358 = p.outs;
    }
    uint m = _358;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_piece();
            bool _408 = w_ < end;
            bool _415;
            if (_408)
            {
                _415 = m_ < p.outs;
            }
            else
            {
                _415 = _408;
            }
            if (_415)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = piece(param_4, param_5, p, _165);
            }
        }
    }
    uint _450;
    float acc[32];
    float4 x[4];
    uint4 now[8];
    uint _715;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _450 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _450 = p.outs;
        }
        uint after = _450;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _481; i_1++)
            {
                acc[i_1] = 0.0;
            }
            float mine = 0.0;
            uint room = 0u;
            for (uint s = 0u; s < steps; s++)
            {
                uint w = begin + (s * stride);
                if (room == 0u)
                {
                    room = held;
                    if ((!once) || (g == first))
                    {
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                        uint team = _525;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _541 = min(words, (end - w)) * 2u;
                        uint _545 = at % team;
                        uint quads = _541;
                        uint v0 = _545;
                        do
                        {
                            for (uint j = 0u; j < 4u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint param_6 = w;
                                uint param_7 = v;
                                uint c = column(param_6, param_7);
                                x[j] = float4(0.0);
                                for (uint k = 0u; k < 4u; k++)
                                {
                                    bool _586 = v < quads;
                                    bool _593;
                                    if (_586)
                                    {
                                        _593 = t < p.rows;
                                    }
                                    else
                                    {
                                        _593 = _586;
                                    }
                                    bool _602;
                                    if (_593)
                                    {
                                        _602 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _602 = _593;
                                    }
                                    if (_602)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1000);
                                    }
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                uint param_10 = block;
                                prepare(param_10);
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                if (v_1 < quads)
                                {
                                    tile[(((r * 2u) + (v_1 % 2u)) * words) + (v_1 / 2u)] = x[j_1];
                                }
                            }
                            v0 += (4u * team);
                        } while (v0 < quads);
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                for (uint i_2 = 0u; i_2 < _683; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _709;
                if (!more)
                {
                    _709 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _709 = more;
                }
                uint m_next = _709 ? m : after;
                if (more)
                {
                    _715 = w + stride;
                }
                else
                {
                    _715 = begin;
                }
                uint w_next = _715;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_piece();
                        bool _760 = w_1 < end;
                        bool _767;
                        if (_760)
                        {
                            _767 = m_1 < p.outs;
                        }
                        else
                        {
                            _767 = _760;
                        }
                        if (_767)
                        {
                            uint param_11 = m_1;
                            uint param_12 = w_1;
                            next[(i_3 * AHEAD) + u_1] = piece(param_11, param_12, p, _165);
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    uint wu = (w + (u_2 * lanes)) + lane;
                    if (wu < end)
                    {
                        for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                        {
                            uint4 param_13 = now[(i_4 * AHEAD) + u_2];
                            uint param_14 = wu;
                            scale[i_4] = scale_of(param_13, param_14);
                        }
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                            {
                                uint4 param_15 = now[(i_5 * AHEAD) + u_2];
                                uint param_16 = scale[i_5];
                                uint param_17 = 0u;
                                uint param_18 = q;
                                y[i_5] = weight4(param_15, param_16, param_17, param_18);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[(((((r_1 * 2u) + 0u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                {
                                    float4 param_19 = y[i_6];
                                    float4 param_20 = x_1;
                                    float param_21 = acc[(i_6 * ROWS) + r_1];
                                    acc[(i_6 * ROWS) + r_1] = dot_add(param_19, param_20, param_21);
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_7 = 0u; i_7 < OUTS; i_7++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_7 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_22 = int(r_2);
                        uint param_23 = i_7;
                        sums[sum_at(param_22, param_23, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_24 = m;
            uint param_25 = block;
            finish(param_24, param_25, p, sub, lane, lanes, gl_WorkGroupID, sums, _1058);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

