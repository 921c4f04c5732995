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
    uint residual_off;
    uint residual_stride;
    uint src_off;
    uint src_stride;
    uint pitch;
    uint bias_off;
    uint live_off;
    uint squares_off;
    uint squares_stride;
    uint packed_off;
    uint packed_stride;
};

struct Live
{
    int live[1];
};

struct Weight
{
    uint4 weight[1];
};

constant uint _239_tmp [[function_constant(0)]];
constant uint _239 = is_function_constant_defined(_239_tmp) ? _239_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_239, 1u, 1u);
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
constant uint _340 = (ROWS * 2u);
constant uint _341 = (TILE / _340);
constant uint _499 = (OUTS * ROWS);
constant uint _542 = gl_WorkGroupSize.x;
constant uint _543 = (_542 / ROWS);
constant uint _706 = (OUTS * AHEAD);

struct Src
{
    float src[1];
};

constant uint _1072 = (OUTS * ROWS);

struct Residual
{
    float residual[1];
};

constant uint _1130 = (OUTS * ROWS);
constant uint _1132 = (OUTS * ROWS);
constant uint _1171 = (OUTS * ROWS);

struct Bias
{
    float bias0[1];
};

struct Dst
{
    float dst[1];
};

struct Squares
{
    float squares_of[1];
};

struct Packed
{
    uint4 _packed[1];
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
uint live_rows(constant Params& p, const device Live& _165)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_165.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
uint4 no_chunk()
{
    return uint4(0u);
}

static inline __attribute__((always_inline))
uint4 load_chunk(thread const uint& m, thread const uint& w, constant Params& p, const device Weight& __restrict _179)
{
    return _179.weight[(m * p.pitch) + w];
}

static inline __attribute__((always_inline))
uint column(thread const uint& w, thread const uint& v)
{
    return (w * 8u) + (v * 4u);
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _1023)
{
    return _1023.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
void look(thread const uint& m, thread const uint& block, thread const uint& e0, constant Params& p, thread uint& members, thread float (&old)[2], const device Residual& _1096)
{
    for (uint u = 0u; u < 2u; u++)
    {
        uint e = e0 + (u * members);
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        old[u] = 0.0;
        bool _1073 = e < _1072;
        bool _1080;
        if (_1073)
        {
            _1080 = t < p.rows;
        }
        else
        {
            _1080 = _1073;
        }
        bool _1089;
        if (_1080)
        {
            _1089 = (m + k) < p.outs;
        }
        else
        {
            _1089 = _1080;
        }
        if (_1089)
        {
            old[u] = _1096.residual[((p.residual_off + (t * p.residual_stride)) + m) + k];
        }
    }
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block, constant Params& p, thread uint& member, thread uint& members, thread float (&old)[2], const device Residual& _1096)
{
    uint param = m;
    uint param_1 = block;
    uint param_2 = member;
    look(param, param_1, param_2, p, members, old, _1096);
}

static inline __attribute__((always_inline))
uint scales_of(thread const uint4& chunk, thread const uint& w)
{
    return 0u;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& chunk, thread const uint& s, thread const uint& run, thread const uint& q)
{
    uint2 _117;
    if (q == 0u)
    {
        _117 = chunk.xy;
    }
    else
    {
        _117 = chunk.zw;
    }
    uint2 h = _117;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& member, thread uint& members, thread uint& alive, threadgroup float (&sums)[512], thread float (&old)[2], const device Residual& _1096, const device Bias& _1208, device Dst& _1227)
{
    for (uint e0 = member; e0 < _1130; e0 += (2u * members))
    {
        if (_1132 > (2u * members))
        {
            uint param = m;
            uint param_1 = block;
            uint param_2 = e0;
            look(param, param_1, param_2, p, members, old, _1096);
        }
        for (uint u = 0u; u < 2u; u++)
        {
            uint e = e0 + (u * members);
            uint k = e % OUTS;
            uint r = e / OUTS;
            uint t = (block * ROWS) + r;
            bool _1176 = (e >= _1171) || (t >= alive);
            bool _1186;
            if (!_1176)
            {
                _1186 = (m + k) >= p.outs;
            }
            else
            {
                _1186 = _1176;
            }
            if (_1186)
            {
                continue;
            }
            int param_3 = int(r);
            uint param_4 = k;
            float y = sums[sum_at(param_3, param_4, sub)];
            if (p.bias_off != 4294967295u)
            {
                y += _1208.bias0[(p.bias_off + m) + k];
            }
            y += old[u];
            _1227.dst[((p.dst_off + (t * p.dst_stride)) + m) + k] = y;
            int param_5 = int(r);
            uint param_6 = k;
            sums[sum_at(param_5, param_6, sub)] = y;
        }
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void out_proj_bf16_f32(constant Params& p [[buffer(0)]], device Dst& _1227 [[buffer(1)]], const device Residual& _1096 [[buffer(2)]], const device Src& _1023 [[buffer(3)]], const device Weight& __restrict _179 [[buffer(4)]], const device Bias& _1208 [[buffer(5)]], const device Live& _165 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
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
    uint held = _341 / stride;
    uint words = held * stride;
    uint alive = live_rows(p, _165);
    uint blocks = 1u;
    float old[2];
    if (p.rows > ROWS)
    {
        blocks = ((alive + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _376;
    if ((first + sub) < last)
    {
        _376 = (first + sub) * OUTS;
    }
    else
    {
        _376 = p.outs;
    }
    uint m = _376;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = no_chunk();
            bool _426 = w_ < end;
            bool _433;
            if (_426)
            {
                _433 = m_ < p.outs;
            }
            else
            {
                _433 = _426;
            }
            if (_433)
            {
                uint param_4 = m_;
                uint param_5 = w_;
                next[(i * AHEAD) + u] = load_chunk(param_4, param_5, p, _179);
            }
        }
    }
    uint _468;
    float acc[32];
    float4 x[4];
    uint4 now[8];
    uint _738;
    uint scale[4];
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _468 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _468 = p.outs;
        }
        uint after = _468;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _499; i_1++)
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
                        uint team = _543;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint _559 = min(words, (end - w)) * 2u;
                        uint _563 = at % team;
                        uint quads = _559;
                        uint v0 = _563;
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
                                    bool _604 = v < quads;
                                    bool _611;
                                    if (_604)
                                    {
                                        _611 = t < p.rows;
                                    }
                                    else
                                    {
                                        _611 = _604;
                                    }
                                    bool _620;
                                    if (_611)
                                    {
                                        _620 = (c + k) < p.cols;
                                    }
                                    else
                                    {
                                        _620 = _611;
                                    }
                                    if (_620)
                                    {
                                        uint param_8 = t;
                                        uint param_9 = c + k;
                                        x[j][k] = source(param_8, param_9, p, _1023);
                                    }
                                }
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
                        if (s == 0u)
                        {
                            uint param_10 = block;
                            prepare(param_10);
                        }
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                }
                if (s == 0u)
                {
                    uint param_11 = m;
                    uint param_12 = block;
                    expect(param_11, param_12, p, member, members, old, _1096);
                }
                for (uint i_2 = 0u; i_2 < _706; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _732;
                if (!more)
                {
                    _732 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _732 = more;
                }
                uint m_next = _732 ? m : after;
                if (more)
                {
                    _738 = w + stride;
                }
                else
                {
                    _738 = begin;
                }
                uint w_next = _738;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = no_chunk();
                        bool _783 = w_1 < end;
                        bool _790;
                        if (_783)
                        {
                            _790 = m_1 < p.outs;
                        }
                        else
                        {
                            _790 = _783;
                        }
                        if (_790)
                        {
                            uint param_13 = m_1;
                            uint param_14 = w_1;
                            next[(i_3 * AHEAD) + u_1] = load_chunk(param_13, param_14, p, _179);
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
                            uint4 param_15 = now[(i_4 * AHEAD) + u_2];
                            uint param_16 = wu;
                            scale[i_4] = scales_of(param_15, param_16);
                        }
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                            {
                                uint4 param_17 = now[(i_5 * AHEAD) + u_2];
                                uint param_18 = scale[i_5];
                                uint param_19 = 0u;
                                uint param_20 = q;
                                y[i_5] = weight4(param_17, param_18, param_19, param_20);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[(((((r_1 * 2u) + 0u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_6 = 0u; i_6 < OUTS; i_6++)
                                {
                                    float4 param_21 = y[i_6];
                                    float4 param_22 = x_1;
                                    float param_23 = acc[(i_6 * ROWS) + r_1];
                                    acc[(i_6 * ROWS) + r_1] = dot_add(param_21, param_22, param_23);
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
                        int param_24 = int(r_2);
                        uint param_25 = i_7;
                        sums[sum_at(param_24, param_25, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_26 = m;
            uint param_27 = block;
            finish(param_26, param_27, p, sub, member, members, alive, sums, old, _1096, _1208, _1227);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

