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
};

struct Live
{
    int live[1];
};

constant uint _173_tmp [[function_constant(0)]];
constant uint _173 = is_function_constant_defined(_173_tmp) ? _173_tmp : 128u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_173, 1u, 1u);
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
constant uint _258 = (ROWS * 2u);
constant uint _259 = (TILE / _258);

struct Weight
{
    uint4 weight[1];
};

constant uint _424 = (OUTS * ROWS);
constant uint _467 = gl_WorkGroupSize.x;
constant uint _468 = (_467 / ROWS);
constant uint _626 = (OUTS * AHEAD);

struct Src
{
    float src[1];
};

struct Residual
{
    float residual[1];
};

struct Bias
{
    float bias0[1];
};

constant uint _1006 = (OUTS * ROWS);
constant uint _1028 = (OUTS * ROWS);

struct Dst
{
    float dst[1];
};

static inline __attribute__((always_inline))
uint live_rows(constant Params& p, const device Live& _112)
{
    if (p.live_off == 4294967295u)
    {
        return p.rows;
    }
    return min(p.rows, uint(max(_112.live[p.live_off], 0)));
}

static inline __attribute__((always_inline))
float source(thread const uint& t, thread const uint& c, constant Params& p, const device Src& _914)
{
    return _914.src[(p.src_off + (t * p.src_stride)) + c];
}

static inline __attribute__((always_inline))
void prepare(thread const uint& block)
{
}

static inline __attribute__((always_inline))
float addend(thread const uint& m, thread const uint& block, thread const uint& e, constant Params& p, const device Residual& _961, const device Bias& _990)
{
    uint k = e % OUTS;
    uint t = (block * ROWS) + (e / OUTS);
    bool _943 = t >= p.rows;
    bool _953;
    if (!_943)
    {
        _953 = (m + k) >= p.outs;
    }
    else
    {
        _953 = _943;
    }
    if (_953)
    {
        return 0.0;
    }
    float y = _961.residual[((p.residual_off + (t * p.residual_stride)) + m) + k];
    float _981;
    if (p.bias_off == 4294967295u)
    {
        _981 = y;
    }
    else
    {
        _981 = y + _990.bias0[(p.bias_off + m) + k];
    }
    return _981;
}

static inline __attribute__((always_inline))
void expect(thread const uint& m, thread const uint& block, constant Params& p, thread uint& lane, const device Residual& _961, const device Bias& _990, thread float& expected)
{
    float _1008;
    if (lane < _1006)
    {
        uint param = m;
        uint param_1 = block;
        uint param_2 = lane;
        _1008 = addend(param, param_1, param_2, p, _961, _990);
    }
    else
    {
        _1008 = 0.0;
    }
    expected = _1008;
}

static inline __attribute__((always_inline))
float4 weight4(thread const uint4& w, thread const uint& q)
{
    uint2 _68;
    if (q == 0u)
    {
        _68 = w.xy;
    }
    else
    {
        _68 = w.zw;
    }
    uint2 h = _68;
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
void finish(thread const uint& m, thread const uint& block, constant Params& p, thread uint& sub, thread uint& lane, thread uint& lanes, thread uint& alive, threadgroup float (&sums)[512], const device Residual& _961, const device Bias& _990, thread float& expected, device Dst& _1060)
{
    float _1085;
    for (uint e = lane; e < _1028; e += lanes)
    {
        uint k = e % OUTS;
        uint r = e / OUTS;
        uint t = (block * ROWS) + r;
        bool _1043 = t >= alive;
        bool _1053;
        if (!_1043)
        {
            _1053 = (m + k) >= p.outs;
        }
        else
        {
            _1053 = _1043;
        }
        if (_1053)
        {
            continue;
        }
        int param = int(r);
        uint param_1 = k;
        if (e < lanes)
        {
            _1085 = expected;
        }
        else
        {
            uint param_2 = m;
            uint param_3 = block;
            uint param_4 = e;
            _1085 = addend(param_2, param_3, param_4, p, _961, _990);
        }
        _1060.dst[((p.dst_off + (t * p.dst_stride)) + m) + k] = sums[sum_at(param, param_1, sub)] + _1085;
    }
}

static inline __attribute__((always_inline))
void conclude()
{
}

kernel void out_proj_f16_f32(constant Params& p [[buffer(0)]], device Dst& _1060 [[buffer(1)]], const device Residual& _961 [[buffer(2)]], const device Src& _914 [[buffer(3)]], const device Weight& __restrict _339 [[buffer(4)]], const device Bias& _990 [[buffer(5)]], const device Live& _112 [[buffer(6)]], uint gl_SubgroupID [[simdgroup_index_in_threadgroup]], uint gl_NumSubgroups [[simdgroups_per_threadgroup]], uint gl_SubgroupInvocationID [[thread_index_in_simdgroup]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]])
{
    threadgroup float4 tile[TILE];
    threadgroup float sums[512];
    uint sub = gl_SubgroupID;
    uint subs = gl_NumSubgroups;
    uint lane = gl_SubgroupInvocationID;
    uint lanes = gl_WorkGroupSize.x / subs;
    uint at = (sub * lanes) + lane;
    uint groups = ((p.outs + OUTS) - 1u) / OUTS;
    uint each = ((groups + gl_NumWorkGroups.x) - 1u) / gl_NumWorkGroups.x;
    uint first = gl_WorkGroupID.x * each;
    uint last = min((first + each), groups);
    uint span = ((p.pitch + gl_NumWorkGroups.z) - 1u) / gl_NumWorkGroups.z;
    uint begin = min((gl_WorkGroupID.z * span), p.pitch);
    uint end = min((begin + span), p.pitch);
    uint stride = lanes * AHEAD;
    uint steps = (((end - begin) + stride) - 1u) / stride;
    uint held = _259 / stride;
    uint words = held * stride;
    uint _272;
    uint alive;
    float expected;
    if ((first + sub) < last)
    {
        _272 = (first + sub) * OUTS;
    }
    else
    {
        _272 = p.outs;
    }
    uint m = _272;
    uint4 next[8];
    for (uint i = 0u; i < OUTS; i++)
    {
        for (uint u = 0u; u < AHEAD; u++)
        {
            uint w_ = (begin + (u * lanes)) + lane;
            uint m_ = m + i;
            next[(i * AHEAD) + u] = uint4(0u);
            bool _322 = w_ < end;
            bool _329;
            if (_322)
            {
                _329 = m_ < p.outs;
            }
            else
            {
                _329 = _322;
            }
            if (_329)
            {
                next[(i * AHEAD) + u] = _339.weight[(m_ * p.pitch) + w_];
            }
        }
    }
    uint blocks = 1u;
    if (p.rows > ROWS)
    {
        blocks = ((live_rows(p, _112) + ROWS) - 1u) / ROWS;
    }
    bool once = (blocks <= gl_NumWorkGroups.y) && (steps <= held);
    uint _393;
    float acc[32];
    float x[16];
    uint4 now[8];
    uint _658;
    float4 y[4];
    for (uint g = first; g < last; g += subs)
    {
        if (((g + subs) + sub) < last)
        {
            _393 = ((g + subs) + sub) * OUTS;
        }
        else
        {
            _393 = p.outs;
        }
        uint after = _393;
        for (uint block = gl_WorkGroupID.y; block < blocks; block += gl_NumWorkGroups.y)
        {
            for (uint i_1 = 0u; i_1 < _424; i_1++)
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
                        uint team = _468;
                        uint r = at / team;
                        uint t = (block * ROWS) + r;
                        uint c0 = w * 8u;
                        uint _487 = min(words, (end - w)) * 8u;
                        uint _491 = at % team;
                        uint n = _487;
                        uint v0 = _491;
                        do
                        {
                            for (uint j = 0u; j < 16u; j++)
                            {
                                uint v = v0 + (j * team);
                                uint c = c0 + v;
                                x[j] = 0.0;
                                bool _522 = v < n;
                                bool _529;
                                if (_522)
                                {
                                    _529 = t < p.rows;
                                }
                                else
                                {
                                    _529 = _522;
                                }
                                bool _536;
                                if (_529)
                                {
                                    _536 = c < p.cols;
                                }
                                else
                                {
                                    _536 = _529;
                                }
                                if (_536)
                                {
                                    uint param = t;
                                    uint param_1 = c;
                                    x[j] = source(param, param_1, p, _914);
                                }
                            }
                            if ((s == 0u) && (v0 < team))
                            {
                                alive = live_rows(p, _112);
                                uint param_2 = block;
                                prepare(param_2);
                            }
                            for (uint j_1 = 0u; j_1 < 16u; j_1++)
                            {
                                uint v_1 = v0 + (j_1 * team);
                                if (v_1 < n)
                                {
                                    ((threadgroup float*)&tile[(((r * 2u) + ((v_1 / 4u) % 2u)) * words) + (v_1 / 8u)])[v_1 % 4u] = x[j_1];
                                }
                            }
                            v0 += (16u * team);
                        } while (v0 < n);
                        threadgroup_barrier(mem_flags::mem_threadgroup);
                    }
                    if (s == 0u)
                    {
                        uint param_3 = m;
                        uint param_4 = block;
                        expect(param_3, param_4, p, lane, _961, _990, expected);
                    }
                }
                for (uint i_2 = 0u; i_2 < _626; i_2++)
                {
                    now[i_2] = next[i_2];
                }
                bool more = (s + 1u) < steps;
                bool _652;
                if (!more)
                {
                    _652 = (block + gl_NumWorkGroups.y) < blocks;
                }
                else
                {
                    _652 = more;
                }
                uint m_next = _652 ? m : after;
                if (more)
                {
                    _658 = w + stride;
                }
                else
                {
                    _658 = begin;
                }
                uint w_next = _658;
                for (uint i_3 = 0u; i_3 < OUTS; i_3++)
                {
                    for (uint u_1 = 0u; u_1 < AHEAD; u_1++)
                    {
                        uint w_1 = (w_next + (u_1 * lanes)) + lane;
                        uint m_1 = m_next + i_3;
                        next[(i_3 * AHEAD) + u_1] = uint4(0u);
                        bool _702 = w_1 < end;
                        bool _709;
                        if (_702)
                        {
                            _709 = m_1 < p.outs;
                        }
                        else
                        {
                            _709 = _702;
                        }
                        if (_709)
                        {
                            next[(i_3 * AHEAD) + u_1] = _339.weight[(m_1 * p.pitch) + w_1];
                        }
                    }
                }
                uint from = ((held - room) * stride) + lane;
                for (uint u_2 = 0u; u_2 < AHEAD; u_2++)
                {
                    if (((w + (u_2 * lanes)) + lane) < end)
                    {
                        for (uint q = 0u; q < 2u; q++)
                        {
                            for (uint i_4 = 0u; i_4 < OUTS; i_4++)
                            {
                                uint4 param_5 = now[(i_4 * AHEAD) + u_2];
                                uint param_6 = q;
                                y[i_4] = weight4(param_5, param_6);
                            }
                            for (uint r_1 = 0u; r_1 < ROWS; r_1++)
                            {
                                float4 x_1 = tile[((((r_1 * 2u) + q) * words) + from) + (u_2 * lanes)];
                                for (uint i_5 = 0u; i_5 < OUTS; i_5++)
                                {
                                    float4 param_7 = y[i_5];
                                    float4 param_8 = x_1;
                                    float param_9 = acc[(i_5 * ROWS) + r_1];
                                    acc[(i_5 * ROWS) + r_1] = dot_add(param_7, param_8, param_9);
                                }
                            }
                        }
                    }
                }
                room--;
            }
            for (uint i_6 = 0u; i_6 < OUTS; i_6++)
            {
                for (uint r_2 = 0u; r_2 < ROWS; r_2++)
                {
                    float sum = simd_sum(acc[(i_6 * ROWS) + r_2]);
                    if (lane == 0u)
                    {
                        int param_10 = int(r_2);
                        uint param_11 = i_6;
                        sums[sum_at(param_10, param_11, sub)] = sum;
                    }
                }
            }
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
            uint param_12 = m;
            uint param_13 = block;
            finish(param_12, param_13, p, sub, lane, lanes, alive, sums, _961, _990, expected, _1060);
            simdgroup_barrier(mem_flags::mem_device | mem_flags::mem_threadgroup | mem_flags::mem_texture);
        }
        m = after;
    }
    conclude();
}

