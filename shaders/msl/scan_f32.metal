#pragma clang diagnostic ignored "-Wmissing-prototypes"

#include <metal_stdlib>
#include <simd/simd.h>

using namespace metal;

struct Sequence
{
    uint from;
    uint to;
    uint first;
    uint rows;
};

struct Params
{
    uint rows;
    uint cols;
    uint states;
    uint dst_off;
    uint dst_stride;
    uint x_off;
    uint x_stride;
    uint dt_off;
    uint dt_stride;
    uint a_off;
    uint a_stride;
    uint b_off;
    uint b_stride;
    uint c_off;
    uint c_stride;
    uint d_off;
    uint state_off;
    uint state_stride;
    uint slots;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
};

struct Batch
{
    int batch[1];
};

struct D
{
    float d[1];
};

struct State
{
    float state[1];
};

struct A
{
    float a[1];
};

struct X
{
    float x[1];
};

struct DT
{
    float dt[1];
};

struct B
{
    float b[1];
};

struct C
{
    float c[1];
};

struct Dst
{
    float dst[1];
};

constant uint _671_tmp [[function_constant(0)]];
constant uint _671 = is_function_constant_defined(_671_tmp) ? _671_tmp : 64u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_671, 1u, 1u);

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _59)
{
    return min(p.batch_records, uint(max(_59.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _59)
{
    return uint(_59.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
Sequence batch_sequence(thread const uint& seq, thread const uint& rows, thread const uint& slots, constant Params& p, const device Batch& _59)
{
    uint param = seq;
    uint param_1 = 0u;
    uint param_2 = seq;
    uint param_3 = 1u;
    uint param_4 = seq;
    uint param_5 = 2u;
    uint param_6 = seq;
    uint param_7 = 3u;
    Sequence s = Sequence{ batch_word(param, param_1, p, _59), batch_word(param_2, param_3, p, _59), batch_word(param_4, param_5, p, _59), batch_word(param_6, param_7, p, _59) };
    bool _115 = s.from >= slots;
    bool _124;
    if (!_115)
    {
        _124 = s.to >= slots;
    }
    else
    {
        _124 = _115;
    }
    bool _133;
    if (!_124)
    {
        _133 = s.rows > rows;
    }
    else
    {
        _133 = _124;
    }
    bool _145;
    if (!_133)
    {
        _145 = s.first > (rows - s.rows);
    }
    else
    {
        _145 = _133;
    }
    if (_145)
    {
        s.rows = 0u;
    }
    return s;
}

static inline __attribute__((always_inline))
void load_channel(thread const Sequence& s, thread const uint& ch, constant Params& p, thread uint& from, thread uint& to, thread uint& rates, thread uint& held, thread float& skip, const device D& _302, thread float (&h)[16], device State& __restrict _332, thread float (&rate)[16], const device A& _352)
{
    from = (p.state_off + (s.from * p.state_stride)) + (ch * p.states);
    to = (p.state_off + (s.to * p.state_stride)) + (ch * p.states);
    rates = p.a_off + (ch * p.a_stride);
    held = min(p.states, 16u);
    skip = _302.d[p.d_off + ch];
    float _326;
    float _346;
    for (uint n = 0u; n < 16u; n++)
    {
        if (n < held)
        {
            _326 = _332.state[from + n];
        }
        else
        {
            _326 = 0.0;
        }
        h[n] = _326;
        if (n < held)
        {
            _346 = _352.a[rates + n];
        }
        else
        {
            _346 = 0.0;
        }
        rate[n] = _346;
    }
    for (uint n_1 = 16u; n_1 < p.states; n_1++)
    {
        _332.state[to + n_1] = _332.state[from + n_1];
    }
}

static inline __attribute__((always_inline))
float log1p_unit(thread const float& e)
{
    float s = e / (2.0 + e);
    float q = s * s;
    float sum = 0.066666670143604278564453125;
    sum = (sum * q) + 0.076923079788684844970703125;
    sum = (sum * q) + 0.0909090936183929443359375;
    sum = (sum * q) + 0.111111111938953399658203125;
    sum = (sum * q) + 0.14285714924335479736328125;
    sum = (sum * q) + 0.20000000298023223876953125;
    sum = (sum * q) + 0.3333333432674407958984375;
    return 2.0 * (s + ((s * q) * sum));
}

static inline __attribute__((always_inline))
float softplus(thread const float& x)
{
    float param = exp(-abs(x));
    return fast::max(x, 0.0) + log1p_unit(param);
}

static inline __attribute__((always_inline))
float decay(thread const float& x)
{
    float near = 1.0 + (x * (1.0 + (x * (0.5 + (x * (0.16666667163372039794921875 + (x * (0.0416666679084300994873046875 + (x * 0.008333333767950534820556640625)))))))));
    float _241;
    if (abs(x) < 0.125)
    {
        _241 = near;
    }
    else
    {
        _241 = exp(x);
    }
    return _241;
}

static inline __attribute__((always_inline))
void scan_row(thread const uint& t, thread const uint& ch, constant Params& p, thread uint& to, thread uint& rates, thread uint& held, thread float& skip, thread float (&h)[16], device State& __restrict _332, thread float (&rate)[16], const device A& _352, const device X& _388, const device DT& _406, const device B& _479, const device C& _491, device Dst& _558)
{
    float u = _388.x[(p.x_off + (t * p.x_stride)) + ch];
    float param = _406.dt[(p.dt_off + (t * p.dt_stride)) + ch];
    float delta = softplus(param);
    float y = skip * u;
    float du = delta * u;
    uint bt = p.b_off + (t * p.b_stride);
    uint ct = p.c_off + (t * p.c_stride);
    for (uint n = 0u; n < 16u; n++)
    {
        if (n < held)
        {
            float param_1 = delta * rate[n];
            h[n] = (decay(param_1) * h[n]) + (du * _479.b[bt + n]);
            y += (_491.c[ct + n] * h[n]);
        }
    }
    for (uint n_1 = 16u; n_1 < p.states; n_1++)
    {
        float param_2 = delta * _352.a[rates + n_1];
        float g = (decay(param_2) * _332.state[to + n_1]) + (du * _479.b[bt + n_1]);
        _332.state[to + n_1] = g;
        y += (_491.c[ct + n_1] * g);
    }
    _558.dst[(p.dst_off + (t * p.dst_stride)) + ch] = y;
}

static inline __attribute__((always_inline))
void store_states(thread uint& to, thread uint& held, thread float (&h)[16], device State& __restrict _332)
{
    for (uint n = 0u; n < 16u; n++)
    {
        if (n < held)
        {
            _332.state[to + n] = h[n];
        }
    }
}

kernel void scan_f32(constant Params& p [[buffer(0)]], device Dst& _558 [[buffer(1)]], const device X& _388 [[buffer(2)]], const device DT& _406 [[buffer(3)]], const device A& _352 [[buffer(4)]], const device B& _479 [[buffer(5)]], const device C& _491 [[buffer(6)]], const device D& _302 [[buffer(7)]], device State& __restrict _332 [[buffer(8)]], const device Batch& _59 [[buffer(9)]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_GlobalInvocationID [[thread_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    uint seqs = batch_seqs(p, _59);
    uint from;
    uint to;
    uint rates;
    uint held;
    float skip;
    float h[16];
    float rate[16];
    for (uint q = gl_WorkGroupID.y; q < seqs; q += gl_NumWorkGroups.y)
    {
        uint param = q;
        uint param_1 = p.rows;
        uint param_2 = p.slots;
        Sequence s = batch_sequence(param, param_1, param_2, p, _59);
        if (s.rows == 0u)
        {
            continue;
        }
        for (uint ch = gl_GlobalInvocationID.x; ch < p.cols; ch += (gl_NumWorkGroups.x * gl_WorkGroupSize.x))
        {
            Sequence param_3 = s;
            uint param_4 = ch;
            load_channel(param_3, param_4, p, from, to, rates, held, skip, _302, h, _332, rate, _352);
            for (uint t = s.first; t < (s.first + s.rows); t++)
            {
                uint param_5 = t;
                uint param_6 = ch;
                scan_row(param_5, param_6, p, to, rates, held, skip, h, _332, rate, _352, _388, _406, _479, _491, _558);
            }
            store_states(to, held, h, _332);
        }
    }
}

