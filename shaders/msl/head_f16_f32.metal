#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Params
{
    uint rows;
    uint cols;
    uint outs;
    uint first;
    uint dst_off;
    uint dst_stride;
    uint src_off;
    uint src_stride;
    uint src_rows;
    uint from_off;
    uint from_stride;
    uint norm_off;
    float eps;
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

constant uint _237_tmp [[function_constant(0)]];
constant uint _237 = is_function_constant_defined(_237_tmp) ? _237_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_237, 1u, 1u);
constant uint _240 = gl_WorkGroupSize.x;
constant uint ROWS_tmp [[function_constant(1)]];
constant uint ROWS = is_function_constant_defined(ROWS_tmp) ? ROWS_tmp : 1u;
constant uint _242 = (_240 / ROWS);
constant uint _250 = gl_WorkGroupSize.x;
constant uint _251 = (_250 / ROWS);
constant uint OUTS_tmp [[function_constant(2)]];
constant uint OUTS = is_function_constant_defined(OUTS_tmp) ? OUTS_tmp : 2u;
constant uint AHEAD_tmp [[function_constant(3)]];
constant uint AHEAD = is_function_constant_defined(AHEAD_tmp) ? AHEAD_tmp : 2u;
#ifndef SPIRV_CROSS_CONSTANT_ID_4
#define SPIRV_CROSS_CONSTANT_ID_4 512u
#endif
constant uint TILE = SPIRV_CROSS_CONSTANT_ID_4;
constant uint _488 = (ROWS * 2u);
constant uint _489 = (TILE / _488);
constant uint _647 = (OUTS * ROWS);
constant uint _689 = gl_WorkGroupSize.x;
constant uint _690 = (_689 / ROWS);
constant uint _946 = (OUTS * AHEAD);

struct From
{
    uint from[1];
};

struct Src
{
    float src[1];
};

struct Norm
{
    float norm[1];
};

constant uint _1327 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
void start()
{
}

static inline __attribute__((always_inline))
void load_codebook(thread const uint& rows, thread const uint& at)
{
}

static inline __attribute__((always_inline))
uint chunks(thread const uint& cols, thread const uint& pitch)
{
    return pitch;
}

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _178)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_178.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _192)
{
    return _192.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device From& _1263, const device Src& _1287)
{
    uint row = _1263.from[p.from_off + (t * p.from_stride)];
    float _1281;
    if (row < p.src_rows)
    {
        _1281 = _1287.src[(p.src_off + (row * p.src_stride)) + c];
    }
    else
    {
        _1281 = 0.0;
    }
    return _1281;
}

static inline __attribute__((always_inline))
float norm_weight(thread const uint& c, constant Params& p, const device Norm& _1309)
{
    return _1309.norm[p.norm_off + c];
}

static inline __attribute__((always_inline))
float rms_square(thread float& x)
{
    x *= 9.31322574615478515625e-10;
    return x * x;
}

static inline __attribute__((always_inline))
uint square_parts(thread uint& lanes)
{
    return max((_242 / lanes), 1u);
}

static inline __attribute__((always_inline))
void put_squares(thread const float& mine, thread uint& sub, thread uint& lanes, thread uint& at, thread uint& lane, threadgroup float (&squares)[128])
{
    uint team = _251;
    uint parts = square_parts(lanes);
    uint _304;
    for (uint q = 0u; (q * team) < max(lanes, team); q++)
    {
        uint r = ((sub * lanes) / team) + q;
        float sum = simd_sum(((at / team) == r) ? mine : 0.0);
        if ((lane == 0u) && (r < ROWS))
        {
            if (parts > 1u)
            {
                _304 = sub % parts;
            }
            else
            {
                _304 = 0u;
            }
            squares[(r * parts) + _304] = sum;
        }
        if (lanes <= team)
        {
            break;
        }
    }
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block)
{
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _134;
    if (q == 0u)
    {
        _134 = chunk.xy;
    }
    else
    {
        _134 = chunk.zw;
    }
    uint2 h = _134;
    return float4(float2(as_type<half2>(h.x)), float2(as_type<half2>(h.y)));
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
float rms_scale(thread const float& squares, thread const uint& n, thread const float& eps)
{
    return 9.31322574615478515625e-10 * rsqrt((squares / float(n)) + ((eps * 9.31322574615478515625e-10) * 9.31322574615478515625e-10));
}

static inline __attribute__((always_inline))
float row_scale(thread const uint& r, constant Params& p, thread uint& lanes, threadgroup float (&squares)[128])
{
    float sum = 0.0;
    uint parts = square_parts(lanes);
    for (uint i = 0u; i < parts; i++)
    {
        sum += squares[(r * parts) + i];
    }
    float param = sum;
    uint param_1 = p.cols;
    float param_2 = p.eps;
    return rms_scale(param, param_1, param_2);
}

static inline __attribute__((always_inline))
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lanes, threadgroup float (&squares)[128], thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[512], device Dst& __restrict _1359)
{
    for (uint e = member; e < _1327; e += members)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1342 = t >= alive;
        bool _1352;
        if (!_1342)
        {
            _1352 = (m + k) >= p.outs;
        }
        else
        {
            _1352 = _1342;
        }
        if (_1352)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        uint param_2 = r;
        _1359.dst[(((p.dst_off + (t * p.dst_stride)) + p.first) + m) + k] = sums[sum_at(param, param_1, sub)] * row_scale(param_2, p, lanes, squares);
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void head_f16_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _1359 [[buffer(1)]], const device Src& _1287 [[buffer(2)]], const device From& _1263 [[buffer(3)]], const device Norm& _1309 [[buffer(4)]], const device Weight& __restrict _192 [[buffer(5)]], const device Live& _178 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float squares[128];
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    uint part = 0u;
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint member = lane;
    uint members = lanes;
    start();
    uint param = p.outs;
    uint param_1 = at;
    load_codebook(param, param_1);
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint param_2 = p.cols;
    uint param_3 = p.pitch;
    uint _all = chunks(param_2, param_3);
    uint span = ((_all + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), _all);
    uint end = min((begin + span), _all);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _489 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _178);
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _524;
    if ((first + sub) < last)
    {
        _524 = (first + sub) * OUTS;
    }
    else
    {
        _524 = p.outs;
    }
    uint m = _524;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _574 = w_ < end;
            bool _581;
            if (_574)
            {
                _581 = m_ < p.outs;
            }
            else
            {
                _581 = _574;
            }
            if (_581)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _192);
            }
        }
    }
    uint _616;
    float acc[32];
    float4 x[4];
    float4 gain[4];
    uint4 now[8];
    uint _978;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _616 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _616 = p.outs;
        }
        uint after = _616;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _647; i_1++)
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
                        uint team = _690;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _706 = min(words, (end - w)) * 2u;
                        uint _710 = at % team;
                        uint quads = _706;
                        uint v0 = _710;
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
                                    bool _751 = v < quads;
                                    bool _758;
                                    if (_751)
                                    {
                                        _758 = t < p.rows;
                                    }
                                    else
                                    {
                                        _758 = _751;
                                    }
                                    bool _767;
                                    if (_758)
                                    {
                                        _767 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _767 = _758;
                                    }
                                    if (_767)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1263, _1287);
                                    }
                                }
                            }
                            for (uint j_1 = 0u; j_1 < 4u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                uint param_10 = w;
                                uint param_11 = v_1;
                                uint c_1 = column(param_10, param_11);
                                gain[j_1] = float4(0.0);
                                for (uint k_1 = 0u; k_1 < 4u; k_1++)
                                {
                                    bool _817 = v_1 < quads;
                                    bool _826;
                                    if (_817)
                                    {
                                        _826 = (c_1 + k_1) < p.cols;
                                    }
                                    else
                                    {
                                        _826 = _817;
                                    }
                                    if (_826)
                                    {
                                        uint param_12 = c_1 + k_1;
                                        gain[j_1][k_1] = norm_weight(param_12, p, _1309);
                                    }
                                }
                            }
                            for (uint j_2 = 0u; j_2 < 4u; j_2++)
                            {
                                uint v_2 = v0 + (j_2 * team);
                                for (uint k_2 = 0u; k_2 < 4u; k_2++)
                                {
                                    float param_13 = x[j_2][k_2];
                                    float _868 = rms_square(param_13);
                                    mine += _868;
                                }
                                x[j_2] *= gain[j_2];
                                if (v_2 < quads)
                                {
                                    tile[(((r * 2u) + (v_2 % 2u)) * words) + (v_2 / 2u)] = x[j_2];
                                }
                            }
                            v0 += (4u * team);
                        } while (v0 < quads);
                        if ((s + held) >= steps)
                        {
                            float param_14 = mine;
                            put_squares(param_14, sub, lanes, at, lane, squares);
                        }
                        if (s == 0u)
                        {
                            uint param_15 = block;
                            prepare(param_15);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_16 = m;
                    uint param_17 = block;
                    expect(param_16, param_17);
                }
                for (uint i_2 = 0u; i_2 < _946; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _972;
                if (!more)
                {
                    _972 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _972 = more;
                }
                uint m_next = _972 ? m : after;
                if (more)
                {
                    _978 = w + stride;
                }
                else
                {
                    _978 = begin;
                }
                uint w_next = _978;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _1023 = w_1 < end;
                        bool _1030;
                        if (_1023)
                        {
                            _1030 = m_1 < p.outs;
                        }
                        else
                        {
                            _1030 = _1023;
                        }
                        if (_1030)
                        {
                            uint param_18 = m_1;
                            uint param_19 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_18, param_19, p, _192);
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
                            uint4 param_20 = now[(i_4 * AHEAD) + u_2];
                            uint param_21 = wu;
                            scale[i_4] = scales_of(param_20, param_21);
                        }
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                            {
                                uint4 param_22 = now[(i_5 * AHEAD) + u_2];
                                uint param_23 = scale[i_5];
                                uint param_24 = 0u;
                                uint param_25 = q;
                                y[i_5] = weight4(param_22, param_23, param_24, param_25);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[(((((r_1 * 2u) + 0u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                {
                                    float4 param_26 = y[i_6];
                                    float4 param_27 = x_1;
                                    float param_28 = acc[(i_6 * ROWS) + r_1];
                                    acc[(i_6 * ROWS) + r_1] = dot_add(param_26, param_27, param_28);
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
                        int param_29 = int(r_2);
                        uint param_30 = i_7;
                        sums[sum_at(param_29, param_30, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_31 = m;
            uint param_32 = block;
            finish(param_31, param_32, p, sub, lanes, squares, member, members, alive, sums, _1359);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

