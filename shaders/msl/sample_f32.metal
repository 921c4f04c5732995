#pragma clang diagnostic ignored "-Wmissing-prototypes"
#pragma clang diagnostic ignored "-Wunused-variable"

#include <metal_stdlib>
#include <simd/simd.h>
#include <metal_atomic>

using namespace metal;

// Implementation of the unsigned GLSL findMSB() function
template<typename T>
inline T spvFindUMSB(T x)
{
    return select(clz(T(0)) - (clz(x) + T(1)), T(-1), x == T(0));
}

template<typename T, uint N>
inline void spvArrayCopyFromConstantToStack(thread T (&dst)[N], constant T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromConstantToThreadGroup(threadgroup T (&dst)[N], constant T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromStackToStack(thread T (&dst)[N], thread const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromStackToThreadGroup(threadgroup T (&dst)[N], thread const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromThreadGroupToStack(thread T (&dst)[N], threadgroup const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromThreadGroupToThreadGroup(threadgroup T (&dst)[N], threadgroup const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromDeviceToDevice(device T (&dst)[N], device const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromConstantToDevice(device T (&dst)[N], constant T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromStackToDevice(device T (&dst)[N], thread const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromThreadGroupToDevice(device T (&dst)[N], threadgroup const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromDeviceToStack(thread T (&dst)[N], device const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T, uint N>
inline void spvArrayCopyFromDeviceToThreadGroup(threadgroup T (&dst)[N], device const T (&src)[N])
{
    for (uint i = 0; i < N; i++)
    {
        dst[i] = src[i];
    }
}

template<typename T>
[[clang::optnone]] T spvFMul(T l, T r)
{
    return fma(l, r, T(0));
}

template<typename T, int Cols, int Rows>
[[clang::optnone]] vec<T, Cols> spvFMulVectorMatrix(vec<T, Rows> v, matrix<T, Cols, Rows> m)
{
    vec<T, Cols> res = vec<T, Cols>(0);
    for (uint i = Rows; i > 0; --i)
    {
        vec<T, Cols> tmp(0);
        for (uint j = 0; j < Cols; ++j)
        {
            tmp[j] = m[j][i - 1];
        }
        res = fma(tmp, vec<T, Cols>(v[i - 1]), res);
    }
    return res;
}

template<typename T, int Cols, int Rows>
[[clang::optnone]] vec<T, Rows> spvFMulMatrixVector(matrix<T, Cols, Rows> m, vec<T, Cols> v)
{
    vec<T, Rows> res = vec<T, Rows>(0);
    for (uint i = Cols; i > 0; --i)
    {
        res = fma(m[i - 1], vec<T, Rows>(v[i - 1]), res);
    }
    return res;
}

template<typename T, int LCols, int LRows, int RCols, int RRows>
[[clang::optnone]] matrix<T, RCols, LRows> spvFMulMatrixMatrix(matrix<T, LCols, LRows> l, matrix<T, RCols, RRows> r)
{
    matrix<T, RCols, LRows> res;
    for (uint i = 0; i < RCols; i++)
    {
        vec<T, RCols> tmp(0);
        for (uint j = 0; j < LCols; j++)
        {
            tmp = fma(vec<T, RCols>(r[i][j]), l[j], tmp);
        }
        res[i] = tmp;
    }
    return res;
}

template<typename T>
[[clang::optnone]] T spvFSub(T l, T r)
{
    return fma(T(-1), r, l);
}

template<typename T, typename U, typename V>
[[clang::optnone]] T spvMulExtended(V l, V r)
{
    return T{U(l * r), U(mulhi(l, r))};
}

struct Params
{
    uint tokens;
    uint dst_off;
    uint dst_stride;
    uint logits_off;
    uint logits_stride;
    uint records_off;
    uint records_stride;
    uint slots;
    uint counts_off;
    uint counts_stride;
    uint told_off;
    uint told_stride;
    uint places;
    uint batch_off;
    uint batch_stride;
    uint batch_records;
};

struct Batch
{
    int batch[1];
};

struct ResType
{
    uint _m0;
    uint _m1;
};

#ifndef SPIRV_CROSS_CONSTANT_ID_1
#define SPIRV_CROSS_CONSTANT_ID_1 256u
#endif
constant uint WIDTH = SPIRV_CROSS_CONSTANT_ID_1;
constant uint _423_tmp [[function_constant(0)]];
constant uint _423 = is_function_constant_defined(_423_tmp) ? _423_tmp : 256u;
constant uint3 gl_WorkGroupSize [[maybe_unused]] = uint3(_423, 1u, 1u);
constant uint _426 = gl_WorkGroupSize.x;
constant uint _427 = (_426 / 2u);
constant bool COUNTED_tmp [[function_constant(2)]];
constant bool COUNTED = is_function_constant_defined(COUNTED_tmp) ? COUNTED_tmp : true;

struct Logits
{
    uint logits[1];
};

struct Counts
{
    int counts[1];
};

struct Told
{
    uint told[1];
};

struct Records
{
    uint records[1];
};

constant bool TELLS_tmp [[function_constant(3)]];
constant bool TELLS = is_function_constant_defined(TELLS_tmp) ? TELLS_tmp : false;

struct Dst
{
    int dst[1];
};

static inline __attribute__((always_inline))
uint batch_seqs(constant Params& p, const device Batch& _255)
{
    return min(p.batch_records, uint(max(_255.batch[p.batch_off + 1u], 0)));
}

static inline __attribute__((always_inline))
uint batch_draws(constant Params& p, const device Batch& _255)
{
    return min(batch_seqs(p, _255), uint(max(_255.batch[p.batch_off + 2u], 0)));
}

static inline __attribute__((always_inline))
uint batch_word(thread const uint& seq, thread const uint& word, constant Params& p, const device Batch& _255)
{
    return uint(_255.batch[(p.batch_off + ((1u + seq) * p.batch_stride)) + word]);
}

static inline __attribute__((always_inline))
uint record(thread const uint& word, const device Records& _2346, thread uint& record_at)
{
    return _2346.records[record_at + word];
}

static inline __attribute__((always_inline))
bool is_nan(thread const uint& bits)
{
    return (bits & 2147483647u) > 2139095040u;
}

static inline __attribute__((always_inline))
uint ordered(thread const uint& bits)
{
    uint _391;
    if ((bits & 2147483648u) != 0u)
    {
        _391 = ~bits;
    }
    else
    {
        _391 = bits | 2147483648u;
    }
    return _391;
}

static inline __attribute__((always_inline))
uint score_key(thread const uint& bits)
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
    if (bits == 2139095040u)
    {
        uint param_1 = 2139095039u;
        return ordered(param_1);
    }
    uint param_2 = ((bits & 2139095040u) == 0u) ? 0u : bits;
    return ordered(param_2);
}

static inline __attribute__((always_inline))
uint penalised_key(thread uint& bits, thread const int& count, thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence)
{
    bool _614 = COUNTED && (count > 0);
    bool _621;
    if (_614)
    {
        uint param = bits;
        _621 = !is_nan(param);
    }
    else
    {
        _621 = _614;
    }
    if (_621)
    {
        float s = as_type<float>(bits);
        float y = spvFMul(s, (s < 0.0) ? penalty : inv_penalty);
        bits = as_type<uint>(y);
        if ((bits & 2139095040u) != 2139095040u)
        {
            float taken = spvFMul(frequency, float(min(count, 16777216)));
            float z = spvFSub(y, taken);
            float rest = spvFSub(z, presence);
            bits = as_type<uint>(rest);
        }
    }
    uint param_1 = bits;
    return score_key(param_1);
}

static inline __attribute__((always_inline))
void read_keys(thread const uint& i, thread const uint& _step, thread const uint& end, thread uint (&k)[8], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at)
{
    int n[8];
    for (uint j = 0u; j < 8u; j++)
    {
        k[j] = _673.logits[logits_at + min((i + (j * _step)), (end - 1u))];
        n[j] = 0;
    }
    if (COUNTED && penalised)
    {
        for (uint j_1 = 0u; j_1 < 8u; j_1++)
        {
            n[j_1] = _689.counts[counts_at + min((i + (j_1 * _step)), (end - 1u))];
        }
    }
    uint _779;
    for (uint j_2 = 0u; j_2 < 8u; j_2++)
    {
        if ((i + (j_2 * _step)) < end)
        {
            uint param = k[j_2];
            int param_1 = n[j_2];
            uint _790 = penalised_key(param, param_1, penalty, inv_penalty, frequency, presence);
            _779 = _790;
        }
        else
        {
            _779 = 0u;
        }
        k[j_2] = _779;
    }
}

static inline __attribute__((always_inline))
uint largest(thread const uint& key, thread const uint& at, thread uint& greatest, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH])
{
    uint i = gl_LocalInvocationIndex;
    pair_x[i] = key;
    pair_y[i] = (key == 0u) ? 0u : at;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint n = _427; n > 0u; n /= 2u)
    {
        if (i < n)
        {
            uint k = pair_x[i + n];
            uint a = pair_y[i + n];
            bool _456 = k > pair_x[i];
            bool _473;
            if (!_456)
            {
                bool _464 = k == pair_x[i];
                bool _472;
                if (_464)
                {
                    _472 = a < pair_y[i];
                }
                else
                {
                    _472 = _464;
                }
                _473 = _472;
            }
            else
            {
                _473 = _456;
            }
            if (_473)
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
uint find_greatest(constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread uint& own_greatest, const device Records& _2346, thread uint& record_at, thread uint& own_smallest)
{
    uint param = 4u;
    penalty = as_type<float>(record(param, _2346, record_at));
    uint param_1 = 12u;
    inv_penalty = as_type<float>(record(param_1, _2346, record_at));
    uint param_2 = 32u;
    presence = as_type<float>(record(param_2, _2346, record_at));
    uint param_3 = 33u;
    frequency = as_type<float>(record(param_3, _2346, record_at));
    bool _2403;
    if (COUNTED)
    {
        _2403 = ((penalty != 1.0) || (presence != 0.0)) || (frequency != 0.0);
    }
    else
    {
        _2403 = COUNTED;
    }
    penalised = _2403;
    uint me = gl_LocalInvocationIndex;
    uint at = 0u;
    own_greatest = 0u;
    own_smallest = 4294967295u;
    uint param_7[8];
    for (uint size = gl_WorkGroupSize.x, i = me; i < p.tokens; i += (8u * size))
    {
        uint param_4 = i;
        uint param_5 = size;
        uint param_6 = p.tokens;
        read_keys(param_4, param_5, param_6, param_7, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_7);
        for (uint j = 0u; j < 8u; j++)
        {
            if (k[j] > own_greatest)
            {
                own_greatest = k[j];
                at = i + (j * size);
            }
            if (k[j] != 0u)
            {
                own_smallest = min(own_smallest, k[j]);
            }
        }
    }
    uint param_8 = own_greatest;
    uint param_9 = at;
    uint param_10;
    uint _2477 = largest(param_8, param_9, param_10, gl_LocalInvocationIndex, pair_x, pair_y);
    greatest = param_10;
    return _2477;
}

static inline __attribute__((always_inline))
int token_of(thread const uint& at, thread const uint& greatest)
{
    int _498;
    if ((greatest == 4294967295u) || (greatest == 0u))
    {
        _498 = -1;
    }
    else
    {
        _498 = int(at);
    }
    return _498;
}

static inline __attribute__((always_inline))
void put(thread const uint& word, thread const uint& value, thread uint& gl_LocalInvocationIndex, device Told& __restrict _1831, thread uint& told_at)
{
    if (gl_LocalInvocationIndex == 0u)
    {
        _1831.told[told_at + word] = value;
    }
}

static inline __attribute__((always_inline))
void tell(thread const uint& count, thread const uint2& total, thread const uint& token, thread const uint& key, thread const uint& n, thread const uint& scaled, thread uint& gl_LocalInvocationIndex, thread uint& greatest, device Told& __restrict _1831, thread uint& told_at)
{
    uint _2133 = (6u + (2u * n)) + gl_LocalInvocationIndex;
    for (uint i = _2133; i < 48u; i += gl_WorkGroupSize.x)
    {
        _1831.told[told_at + i] = (i == 46u) ? scaled : 0u;
    }
    uint param = 0u;
    uint param_1 = count;
    put(param, param_1, gl_LocalInvocationIndex, _1831, told_at);
    uint param_2 = 1u;
    uint param_3 = total.x;
    put(param_2, param_3, gl_LocalInvocationIndex, _1831, told_at);
    uint param_4 = 2u;
    uint param_5 = total.y;
    put(param_4, param_5, gl_LocalInvocationIndex, _1831, told_at);
    uint param_6 = 3u;
    uint param_7 = greatest;
    put(param_6, param_7, gl_LocalInvocationIndex, _1831, told_at);
    uint param_8 = 4u;
    uint param_9 = token;
    put(param_8, param_9, gl_LocalInvocationIndex, _1831, told_at);
    uint param_10 = 5u;
    uint param_11 = key;
    put(param_10, param_11, gl_LocalInvocationIndex, _1831, told_at);
}

static inline __attribute__((always_inline))
void tell_certain(thread const int& id, thread const uint& top, thread uint& gl_LocalInvocationIndex, thread uint& greatest, device Told& __restrict _1831, thread uint& told_at)
{
    if (id < 0)
    {
        greatest = 0u;
    }
    uint _2793;
    if (id < 0)
    {
        _2793 = 0u;
    }
    else
    {
        _2793 = min(top, 1u);
    }
    uint n = _2793;
    if (n > 0u)
    {
        uint param = 6u;
        uint param_1 = uint(id);
        put(param, param_1, gl_LocalInvocationIndex, _1831, told_at);
        uint param_2 = 7u;
        uint param_3 = greatest;
        put(param_2, param_3, gl_LocalInvocationIndex, _1831, told_at);
    }
    uint param_4 = (id < 0) ? 4294967295u : n;
    uint2 param_5 = uint2((id < 0) ? 0u : 2147483648u, 0u);
    uint param_6 = uint(id);
    uint param_7 = greatest;
    uint param_8 = n;
    uint param_9 = 0u;
    tell(param_4, param_5, param_6, param_7, param_8, param_9, gl_LocalInvocationIndex, greatest, _1831, told_at);
}

static inline __attribute__((always_inline))
void keep_all(constant Params& p, thread uint& lowest, thread uint& last, thread uint& least)
{
    lowest = 1u;
    last = p.tokens;
    least = 0u;
}

static inline __attribute__((always_inline))
uint padded(thread const uint& count)
{
    uint _1311;
    if (count <= 1u)
    {
        _1311 = 1u;
    }
    else
    {
        _1311 = 2u << uint(int(spvFindUMSB(count - 1u)));
    }
    return _1311;
}

static inline __attribute__((always_inline))
bool inverted(thread const uint& i, thread const uint& j, thread const bool& by_id, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint a = bin_lo[i];
    uint b = bin_lo[j];
    if (by_id || (a == b))
    {
        return bin_hi[i] > bin_hi[j];
    }
    return a < b;
}

static inline __attribute__((always_inline))
void sort(thread const uint& count, thread const bool& by_id, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint size = gl_WorkGroupSize.x;
    uint param = count;
    uint whole = padded(param);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint run = 2u; run <= whole; run *= 2u)
    {
        uint _1340 = run / 2u;
        for (uint n = _1340; n > 0u; n /= 2u)
        {
            for (uint t = gl_LocalInvocationIndex; t < (whole / 2u); t += size)
            {
                uint i = (2u * t) - (t & (n - 1u));
                uint j = i + n;
                uint param_1 = i;
                uint param_2 = j;
                bool param_3 = by_id;
                if (inverted(param_1, param_2, param_3, bin_lo, bin_hi) == ((i & run) == 0u))
                {
                    uint k = bin_lo[i];
                    uint id = bin_hi[i];
                    bin_lo[i] = bin_lo[j];
                    bin_hi[i] = bin_hi[j];
                    bin_lo[j] = k;
                    bin_hi[j] = id;
                }
            }
            threadgroup_barrier(mem_flags::mem_threadgroup);
        }
    }
}

static inline __attribute__((always_inline))
uint key_reached_by(thread const uint& k, thread const uint& mine, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint me = gl_LocalInvocationIndex;
    uint groups = gl_WorkGroupSize.x;
    bin_lo[me] = mine;
    bin_hi[me] = me;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (; groups >= (4u * k); groups /= 2u)
    {
        uint n = groups / 2u;
        if (me < n)
        {
            bin_lo[me] = max(bin_lo[me], bin_lo[me + n]);
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    uint param = groups;
    bool param_1 = false;
    sort(param, param_1, gl_LocalInvocationIndex, bin_lo, bin_hi);
    return max(bin_lo[k - 1u], 1u);
}

static inline __attribute__((always_inline))
float score_of(thread const uint& key)
{
    uint _599;
    if ((key & 2147483648u) != 0u)
    {
        _599 = key & 2147483647u;
    }
    else
    {
        _599 = ~key;
    }
    return as_type<float>(_599);
}

static inline __attribute__((always_inline))
float log_ratio(thread const uint& key, thread uint& greatest, thread float& scale)
{
    uint param = greatest;
    uint param_1 = key;
    float d = spvFSub(score_of(param), score_of(param_1));
    float t = spvFMul(d, scale);
    return t;
}

static inline __attribute__((always_inline))
uint band(thread const uint& key, thread uint& greatest, thread float& scale, thread float& bands)
{
    uint param = key;
    float t = log_ratio(param, greatest, scale);
    uint _1269;
    if (t < 32.0)
    {
        _1269 = uint(t * bands);
    }
    else
    {
        _1269 = 1024u;
    }
    return _1269;
}

static inline __attribute__((always_inline))
uint list(thread const uint& bound, thread const uint& only, constant Params& p, thread uint& gl_LocalInvocationIndex, thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], threadgroup uint& found, thread float& bands)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    if (me == 0u)
    {
        found = 0u;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint param_3[8];
    for (uint i = me; i < p.tokens; i += (8u * size))
    {
        uint n = 0u;
        uint param = i;
        uint param_1 = size;
        uint param_2 = p.tokens;
        read_keys(param, param_1, param_2, param_3, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_3);
        for (uint j = 0u; j < 8u; j++)
        {
            bool _1459 = k[j] < bound;
            bool _1475;
            if (!_1459)
            {
                bool _1464 = only != 4294967295u;
                bool _1474;
                if (_1464)
                {
                    uint param_4 = k[j];
                    _1474 = band(param_4, greatest, scale, bands) != only;
                }
                else
                {
                    _1474 = _1464;
                }
                _1475 = _1474;
            }
            else
            {
                _1475 = _1459;
            }
            if (_1475)
            {
                k[j] = 0u;
            }
            if (k[j] != 0u)
            {
                n++;
            }
        }
        if (n == 0u)
        {
            continue;
        }
        uint _1497 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&found, n, memory_order_relaxed);
        uint at = _1497;
        for (uint j_1 = 0u; j_1 < 8u; j_1++)
        {
            if ((k[j_1] == 0u) || (at >= 1024u))
            {
                continue;
            }
            bin_lo[at] = k[j_1];
            bin_hi[at] = i + (j_1 * size);
            at++;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint count = found;
    uint i_1 = count + me;
    for (;;)
    {
        uint param_5 = count;
        uint _1550 = padded(param_5);
        uint _1551 = min(_1550, 1024u);
        if (i_1 < _1551)
        {
            bin_lo[i_1] = 0u;
            bin_hi[i_1] = 4294967295u;
            i_1 += size;
            continue;
        }
        else
        {
            break;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return count;
}

static inline __attribute__((always_inline))
void clear_bins(thread const uint& bins, thread uint& gl_LocalInvocationIndex, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (uint i = gl_LocalInvocationIndex; i < bins; i += gl_WorkGroupSize.x)
    {
        bin_lo[i] = 0u;
        bin_hi[i] = 0u;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
}

static inline __attribute__((always_inline))
uint place(thread const uint& mode, thread const uint& i, thread const uint& key)
{
    uint _1618;
    if (mode == 2u)
    {
        _1618 = i;
    }
    else
    {
        _1618 = ~key;
    }
    return _1618;
}

static inline __attribute__((always_inline))
uint mul_high(thread const uint& a, thread const uint& b)
{
    ResType _351 = spvMulExtended<ResType, uint>(a, b);
    uint lo = _351._m0;
    uint hi = _351._m1;
    return hi;
}

static inline __attribute__((always_inline))
uint weight_of(thread const float& t)
{
    if (!(t < 32.0))
    {
        return 0u;
    }
    uint x = uint(t * 67108864.0);
    uint n = x >> uint(26);
    uint f = x << uint(6);
    uint param = f;
    uint param_1 = 470132u;
    uint h = mul_high(param, param_1);
    uint param_2 = f;
    uint param_3 = 5481167u - h;
    h = mul_high(param_2, param_3);
    uint param_4 = f;
    uint param_5 = 41149752u - h;
    h = mul_high(param_4, param_5);
    uint param_6 = f;
    uint param_7 = 238335109u - h;
    h = mul_high(param_6, param_7);
    uint param_8 = f;
    uint param_9 = 1031756795u - h;
    h = mul_high(param_8, param_9);
    uint param_10 = f;
    uint param_11 = 2977044050u - h;
    h = mul_high(param_10, param_11);
    uint m = 2147483648u - ((h + 1u) >> uint(1));
    uint _864;
    if (n == 0u)
    {
        _864 = m;
    }
    else
    {
        _864 = (m + (1u << (n - 1u))) >> n;
    }
    return _864;
}

static inline __attribute__((always_inline))
uint weight(thread const uint& key, thread uint& greatest, thread float& scale)
{
    uint param = key;
    float param_1 = log_ratio(param, greatest, scale);
    return weight_of(param_1);
}

static inline __attribute__((always_inline))
uint amount(thread const uint& mode, thread const uint& key, thread uint& greatest, thread float& scale, thread uint& lowest)
{
    if (mode == 0u)
    {
        return uint((key == 0u) ? 0 : 1);
    }
    bool _1639 = key < lowest;
    bool _1649;
    if (!_1639)
    {
        _1649 = (mode == 2u) && (key != lowest);
    }
    else
    {
        _1649 = _1639;
    }
    uint _1650;
    if (_1649)
    {
        _1650 = 0u;
    }
    else
    {
        uint param = key;
        _1650 = weight(param, greatest, scale);
    }
    return _1650;
}

static inline __attribute__((always_inline))
void add_to_bin(thread const uint& bin, thread const uint2& v, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024])
{
    uint _961 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&bin_lo[bin], v.x, memory_order_relaxed);
    uint old = _961;
    uint more = v.y + uint(int((old + v.x) < old));
    if (more != 0u)
    {
        uint _981 = atomic_fetch_add_explicit((threadgroup atomic_uint*)&bin_hi[bin], more, memory_order_relaxed);
    }
}

static inline __attribute__((always_inline))
uint kept(thread const uint& i, thread const uint& key, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least)
{
    bool _906 = key < lowest;
    bool _918;
    if (!_906)
    {
        _918 = (key == lowest) && (i > last);
    }
    else
    {
        _918 = _906;
    }
    if (_918)
    {
        return 0u;
    }
    uint param = key;
    uint w = weight(param, greatest, scale);
    return (w < least) ? 0u : w;
}

static inline __attribute__((always_inline))
uint key_at(thread const uint& i, thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at)
{
    int _683;
    if (COUNTED && penalised)
    {
        _683 = _689.counts[counts_at + i];
    }
    else
    {
        _683 = 0;
    }
    uint param = _673.logits[logits_at + i];
    int param_1 = _683;
    uint _703 = penalised_key(param, param_1, penalty, inv_penalty, frequency, presence);
    return _703;
}

static inline __attribute__((always_inline))
uint2 term(thread const uint& of, thread const uint& i, thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin)
{
    switch (of)
    {
        case 0u:
        {
            return uint2(bin_lo[i], bin_hi[i]);
        }
        case 1u:
        {
            uint param = bin_hi[i];
            uint param_1 = bin_lo[i];
            return uint2(kept(param, param_1, greatest, scale, lowest, last, least), 0u);
        }
    }
    uint param_2 = origin + i;
    uint param_3 = origin + i;
    uint param_4 = key_at(param_2, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at);
    return uint2(kept(param_3, param_4, greatest, scale, lowest, last, least), 0u);
}

static inline __attribute__((always_inline))
uint2 wide_add(thread const uint2& a, thread const uint2& b)
{
    uint lo = a.x + b.x;
    return uint2(lo, (a.y + b.y) + uint(int(lo < a.x)));
}

static inline __attribute__((always_inline))
uint2 add_up(thread const uint& of, thread const uint& count, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint each = ((count + size) - 1u) / size;
    uint from = min((me * each), count);
    uint to = min((from + each), count);
    uint2 sum = uint2(0u);
    for (uint i = from; i < to; i++)
    {
        uint param = of;
        uint param_1 = i;
        uint2 param_2 = sum;
        uint2 param_3 = term(param, param_1, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
        sum = wide_add(param_2, param_3);
    }
    pair_x[me] = sum.x;
    pair_y[me] = sum.y;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint busy = ((count + each) - 1u) / each;
    uint2 _1095;
    for (uint n = 1u; n < busy; n *= 2u)
    {
        if (me >= n)
        {
            _1095 = uint2(pair_x[me - n], pair_y[me - n]);
        }
        else
        {
            _1095 = uint2(0u);
        }
        uint2 left = _1095;
        threadgroup_barrier(mem_flags::mem_threadgroup);
        uint2 param_4 = sum;
        uint2 param_5 = left;
        sum = wide_add(param_4, param_5);
        pair_x[me] = sum.x;
        pair_y[me] = sum.y;
        threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    return uint2(pair_x[busy - 1u], pair_y[busy - 1u]);
}

static inline __attribute__((always_inline))
bool wide_less(thread const uint2& a, thread const uint2& b)
{
    bool _326 = a.y < b.y;
    bool _343;
    if (!_326)
    {
        bool _334 = a.y == b.y;
        bool _342;
        if (_334)
        {
            _342 = a.x < b.x;
        }
        else
        {
            _342 = _334;
        }
        _343 = _342;
    }
    else
    {
        _343 = _326;
    }
    return _343;
}

static inline __attribute__((always_inline))
uint reach(thread const uint& of, thread const uint& count, thread const uint2& target, thread uint2& below, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint each = ((count + size) - 1u) / size;
    uint from = min((me * each), count);
    uint to = min((from + each), count);
    uint2 _1163;
    if (me > 0u)
    {
        _1163 = uint2(pair_x[me - 1u], pair_y[me - 1u]);
    }
    else
    {
        _1163 = uint2(0u);
    }
    uint2 param = below;
    uint2 param_1 = _1163;
    uint2 before = wide_add(param, param_1);
    uint2 param_2 = below;
    uint2 param_3 = uint2(pair_x[me], pair_y[me]);
    uint2 end = wide_add(param_2, param_3);
    bool _1195 = from < to;
    bool _1203;
    if (_1195)
    {
        uint2 param_4 = before;
        uint2 param_5 = target;
        _1203 = wide_less(param_4, param_5);
    }
    else
    {
        _1203 = _1195;
    }
    bool _1212;
    if (_1203)
    {
        uint2 param_6 = end;
        uint2 param_7 = target;
        _1212 = !wide_less(param_6, param_7);
    }
    else
    {
        _1212 = _1203;
    }
    if (_1212)
    {
        for (uint i = from; i < to; i++)
        {
            uint param_8 = of;
            uint param_9 = i;
            uint2 param_10 = before;
            uint2 param_11 = term(param_8, param_9, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
            uint2 after = wide_add(param_10, param_11);
            uint2 param_12 = after;
            uint2 param_13 = target;
            if (!wide_less(param_12, param_13))
            {
                found = i;
                below_lo = before.x;
                below_hi = before.y;
                break;
            }
            before = after;
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint at = found;
    below = uint2(below_lo, below_hi);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    return at;
}

static inline __attribute__((always_inline))
uint search(thread const uint& mode, thread const uint2& target, thread uint2& below, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint _1667;
    if (mode == 2u)
    {
        _1667 = uint(int(spvFindUMSB(p.tokens - 1u)) + 1);
    }
    else
    {
        _1667 = 32u;
    }
    uint bits = _1667;
    uint prefix = 0u;
    uint shift = bits;
    below = uint2(0u);
    uint param_4[8];
    while (shift > 0u)
    {
        uint n = min(shift, 10u);
        uint above = shift;
        shift -= n;
        uint param = 1u << n;
        clear_bins(param, gl_LocalInvocationIndex, bin_lo, bin_hi);
        for (uint i = me; i < p.tokens; i += (8u * size))
        {
            uint param_1 = i;
            uint param_2 = size;
            uint param_3 = p.tokens;
            read_keys(param_1, param_2, param_3, param_4, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at);
            uint k[8];
            spvArrayCopyFromStackToStack(k, param_4);
            for (uint j = 0u; j < 8u; j++)
            {
                uint param_5 = mode;
                uint param_6 = i + (j * size);
                uint param_7 = k[j];
                uint at = place(param_5, param_6, param_7);
                bool _1746 = above < 32u;
                bool _1754;
                if (_1746)
                {
                    _1754 = (at >> above) != prefix;
                }
                else
                {
                    _1754 = _1746;
                }
                if (_1754)
                {
                    continue;
                }
                uint param_8 = mode;
                uint param_9 = k[j];
                uint v = amount(param_8, param_9, greatest, scale, lowest);
                if (v != 0u)
                {
                    uint param_10 = (at >> shift) & ((1u << n) - 1u);
                    uint2 param_11 = uint2(v, 0u);
                    add_to_bin(param_10, param_11, bin_lo, bin_hi);
                }
            }
        }
        threadgroup_barrier(mem_flags::mem_threadgroup);
        uint param_12 = 0u;
        uint param_13 = 1u << n;
        uint2 _1793 = add_up(param_12, param_13, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
        uint2 param_14 = below;
        uint2 param_15 = _1793;
        uint2 _all = wide_add(param_14, param_15);
        uint2 param_16 = _all;
        uint2 param_17 = target;
        if (wide_less(param_16, param_17))
        {
            threadgroup_barrier(mem_flags::mem_threadgroup);
            return 4294967294u;
        }
        uint param_18 = 0u;
        uint param_19 = 1u << n;
        uint2 param_20 = target;
        uint2 param_21 = below;
        uint _1818 = reach(param_18, param_19, param_20, param_21, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
        below = param_21;
        prefix = (prefix << n) | _1818;
    }
    return prefix;
}

static inline __attribute__((always_inline))
void keep_top_k(thread const uint& top_k, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi, thread float& bands, thread uint& own_greatest, thread uint& listed, thread bool& all_listed)
{
    uint size = gl_WorkGroupSize.x;
    uint bound = 0u;
    listed = 0u;
    if (p.tokens <= 1024u)
    {
        bound = 1u;
    }
    else
    {
        bool _2494 = top_k > 0u;
        bool _2502;
        if (_2494)
        {
            _2502 = top_k <= min(size, 512u);
        }
        else
        {
            _2502 = _2494;
        }
        if (_2502)
        {
            uint param = top_k;
            uint param_1 = own_greatest;
            uint _2509 = key_reached_by(param, param_1, gl_LocalInvocationIndex, bin_lo, bin_hi);
            bound = _2509;
        }
    }
    if (bound > 0u)
    {
        uint param_2 = bound;
        uint param_3 = 4294967295u;
        uint _2517 = list(param_2, param_3, p, gl_LocalInvocationIndex, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, bin_lo, bin_hi, found, bands);
        listed = _2517;
    }
    all_listed = (bound > 0u) && (listed <= 1024u);
    if (all_listed)
    {
        uint param_4 = listed;
        bool param_5 = false;
        sort(param_4, param_5, gl_LocalInvocationIndex, bin_lo, bin_hi);
        if ((top_k > 0u) && (top_k < listed))
        {
            lowest = bin_lo[top_k - 1u];
        }
    }
    else
    {
        if (top_k > 0u)
        {
            uint param_6 = 0u;
            uint2 param_7 = uint2(top_k, 0u);
            uint2 param_8;
            uint _2554 = search(param_6, param_7, param_8, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
            uint2 below = param_8;
            lowest = ~_2554;
        }
    }
}

static inline __attribute__((always_inline))
uint smallest_key(thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread uint& lowest, thread uint& own_smallest)
{
    uint key = lowest;
    if (lowest == 1u)
    {
        uint param = ~own_smallest;
        uint param_1 = 0u;
        uint param_2;
        uint _2568 = largest(param, param_1, param_2, gl_LocalInvocationIndex, pair_x, pair_y);
        key = param_2;
        key = ~key;
    }
    return key;
}

static inline __attribute__((always_inline))
uint2 add_up_bands(thread const uint& bottom, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, thread float& bands)
{
    uint me = gl_LocalInvocationIndex;
    uint param = bottom;
    uint exponent = max((min(as_type<uint>(log_ratio(param, greatest, scale)), 1107296255u) >> uint(23)), 9u);
    bands = as_type<float>((263u - exponent) << uint(23));
    uint param_1 = 1024u;
    clear_bins(param_1, gl_LocalInvocationIndex, bin_lo, bin_hi);
    uint param_5[8];
    for (uint size = gl_WorkGroupSize.x, i = me; i < p.tokens; i += (8u * size))
    {
        uint param_2 = i;
        uint param_3 = size;
        uint param_4 = p.tokens;
        read_keys(param_2, param_3, param_4, param_5, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_5);
        for (uint j = 0u; j < 8u; j++)
        {
            uint param_6 = 1u;
            uint param_7 = k[j];
            uint v = amount(param_6, param_7, greatest, scale, lowest);
            if (v != 0u)
            {
                uint param_8 = k[j];
                uint param_9 = band(param_8, greatest, scale, bands);
                uint2 param_10 = uint2(v, 0u);
                add_to_bin(param_9, param_10, bin_lo, bin_hi);
            }
        }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint param_11 = 0u;
    uint param_12 = 1024u;
    uint2 _2262 = add_up(param_11, param_12, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
    return _2262;
}

static inline __attribute__((always_inline))
uint2 wide_scaled(thread const uint2& a, thread const uint& fraction)
{
    ResType _362 = spvMulExtended<ResType, uint>(a.y, fraction);
    uint lo = _362._m0;
    uint hi = _362._m1;
    uint param = a.x;
    uint param_1 = fraction;
    uint2 param_2 = uint2(lo, hi);
    uint2 param_3 = uint2(mul_high(param, param_1), 0u);
    return wide_add(param_2, param_3);
}

static inline __attribute__((always_inline))
void keep_top_p(thread const uint& fraction, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi, thread float& bands, thread uint& own_smallest, thread uint& listed, thread bool& all_listed)
{
    uint2 mass;
    if (all_listed)
    {
        uint param = 1u;
        uint param_1 = listed;
        uint2 _2582 = add_up(param, param_1, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
        mass = _2582;
    }
    else
    {
        uint _2584 = smallest_key(gl_LocalInvocationIndex, pair_x, pair_y, lowest, own_smallest);
        uint param_2 = _2584;
        uint2 _2586 = add_up_bands(param_2, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, bands);
        mass = _2586;
    }
    uint2 param_3 = mass;
    uint param_4 = fraction;
    uint2 target = wide_scaled(param_3, param_4);
    uint2 below = uint2(0u);
    if ((mass.x * fraction) != 0u)
    {
        uint2 param_5 = target;
        uint2 param_6 = uint2(1u, 0u);
        target = wide_add(param_5, param_6);
    }
    if (!all_listed)
    {
        uint param_7 = 0u;
        uint param_8 = 1024u;
        uint2 param_9 = target;
        uint2 param_10 = below;
        uint _2615 = reach(param_7, param_8, param_9, param_10, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
        below = param_10;
        uint param_11 = lowest;
        uint param_12 = _2615;
        uint _2620 = list(param_11, param_12, p, gl_LocalInvocationIndex, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, bin_lo, bin_hi, found, bands);
        listed = _2620;
        if (listed <= 1024u)
        {
            uint param_13 = listed;
            bool param_14 = false;
            sort(param_13, param_14, gl_LocalInvocationIndex, bin_lo, bin_hi);
            uint param_15 = 1u;
            uint param_16 = listed;
            uint2 _2632 = add_up(param_15, param_16, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
        }
    }
    if (listed <= 1024u)
    {
        uint param_17 = 1u;
        uint param_18 = listed;
        uint2 param_19 = target;
        uint2 param_20 = below;
        uint _2645 = reach(param_17, param_18, param_19, param_20, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
        below = param_20;
        uint edge = _2645;
        lowest = bin_lo[edge];
        last = bin_hi[edge];
    }
    else
    {
        uint2 param_23;
        for (uint mode = 1u; mode <= 2u; mode++)
        {
            uint param_21 = mode;
            uint2 param_22 = target;
            uint _2668 = search(param_21, param_22, param_23, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
            below = param_23;
            uint edge_1 = _2668;
            if (mode == 1u)
            {
                lowest = ~edge_1;
            }
            else
            {
                last = edge_1;
            }
            target = uint2(target.x - below.x, (target.y - below.y) - uint(int(target.x < below.x)));
        }
    }
}

static inline __attribute__((always_inline))
bool stays(thread const uint& i, thread const uint& key, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least)
{
    bool _1840 = key < lowest;
    bool _1851;
    if (!_1840)
    {
        _1851 = (key == lowest) && (i > last);
    }
    else
    {
        _1851 = _1840;
    }
    if (_1851)
    {
        return false;
    }
    bool _1856 = least == 0u;
    bool _1865;
    if (!_1856)
    {
        uint param = key;
        _1865 = weight(param, greatest, scale) >= least;
    }
    else
    {
        _1865 = _1856;
    }
    return _1865;
}

static inline __attribute__((always_inline))
uint take_sorted(thread const uint& listed, thread const uint& most, thread uint& gl_LocalInvocationIndex, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], device Told& __restrict _1831, thread uint& told_at)
{
    uint n = 0u;
    uint end = min(listed, most);
    for (;;)
    {
        bool _1880 = n < end;
        bool _1892;
        if (_1880)
        {
            uint param = bin_hi[n];
            uint param_1 = bin_lo[n];
            _1892 = stays(param, param_1, greatest, scale, lowest, last, least);
        }
        else
        {
            _1892 = _1880;
        }
        if (_1892)
        {
            n++;
            continue;
        }
        else
        {
            break;
        }
    }
    for (uint i = gl_LocalInvocationIndex; i < n; i += gl_WorkGroupSize.x)
    {
        _1831.told[(told_at + 6u) + (2u * i)] = bin_hi[i];
        _1831.told[((told_at + 6u) + (2u * i)) + 1u] = bin_lo[i];
    }
    return n;
}

static inline __attribute__((always_inline))
uint take_listed(thread const uint& most, constant Params& p, thread uint& gl_LocalInvocationIndex, thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], threadgroup uint& found, thread float& bands, device Told& __restrict _1831, thread uint& told_at, thread uint& own_greatest)
{
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint _1935;
    if (p.tokens <= 1024u)
    {
        _1935 = 1u;
    }
    else
    {
        uint param = most;
        uint param_1 = own_greatest;
        uint _1944 = key_reached_by(param, param_1, gl_LocalInvocationIndex, bin_lo, bin_hi);
        _1935 = _1944;
    }
    uint bound = _1935;
    uint param_2 = bound;
    uint param_3 = 4294967295u;
    uint _1950 = list(param_2, param_3, p, gl_LocalInvocationIndex, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, bin_lo, bin_hi, found, bands);
    uint count = _1950;
    if (count > 1024u)
    {
        return count;
    }
    uint param_4 = count;
    bool param_5 = false;
    sort(param_4, param_5, gl_LocalInvocationIndex, bin_lo, bin_hi);
    uint param_6 = count;
    uint param_7 = most;
    uint _1965 = take_sorted(param_6, param_7, gl_LocalInvocationIndex, greatest, scale, lowest, last, least, bin_lo, bin_hi, _1831, told_at);
    return _1965;
}

static inline __attribute__((always_inline))
uint take_singly(thread const uint& most, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, device Told& __restrict _1831, thread uint& told_at)
{
    uint me = gl_LocalInvocationIndex;
    uint size = gl_WorkGroupSize.x;
    uint key = greatest;
    uint id = 0u;
    uint from = 0u;
    uint n = 0u;
    uint param_3[8];
    uint param_6;
    for (; n < most; n++)
    {
        uint best = 0u;
        uint at = 0u;
        for (uint i = me; i < p.tokens; i += (8u * size))
        {
            uint param = i;
            uint param_1 = size;
            uint param_2 = p.tokens;
            read_keys(param, param_1, param_2, param_3, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at);
            uint k[8];
            spvArrayCopyFromStackToStack(k, param_3);
            for (uint j = 0u; j < 8u; j++)
            {
                uint t = i + (j * size);
                bool _2027 = k[j] < key;
                bool _2040;
                if (!_2027)
                {
                    _2040 = (k[j] == key) && (t >= from);
                }
                else
                {
                    _2040 = _2027;
                }
                bool _2048;
                if (_2040)
                {
                    _2048 = k[j] > best;
                }
                else
                {
                    _2048 = _2040;
                }
                if (_2048)
                {
                    best = k[j];
                    at = t;
                }
            }
        }
        uint param_4 = best;
        uint param_5 = at;
        uint _2066 = largest(param_4, param_5, param_6, gl_LocalInvocationIndex, pair_x, pair_y);
        key = param_6;
        id = _2066;
        bool _2069 = key == 0u;
        bool _2079;
        if (!_2069)
        {
            uint param_7 = id;
            uint param_8 = key;
            _2079 = !stays(param_7, param_8, greatest, scale, lowest, last, least);
        }
        else
        {
            _2079 = _2069;
        }
        if (_2079)
        {
            break;
        }
        uint param_9 = 6u + (2u * n);
        uint param_10 = id;
        put(param_9, param_10, gl_LocalInvocationIndex, _1831, told_at);
        uint param_11 = (6u + (2u * n)) + 1u;
        uint param_12 = key;
        put(param_11, param_12, gl_LocalInvocationIndex, _1831, told_at);
        from = id + 1u;
    }
    return n;
}

static inline __attribute__((always_inline))
uint take_likeliest(thread const uint& most, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], threadgroup uint& found, thread float& bands, device Told& __restrict _1831, thread uint& told_at, thread uint& own_greatest)
{
    if (most == 0u)
    {
        return 0u;
    }
    uint param = most;
    uint _2113 = take_listed(param, p, gl_LocalInvocationIndex, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, found, bands, _1831, told_at, own_greatest);
    uint n = _2113;
    uint _2117;
    if (n > most)
    {
        uint param_1 = most;
        uint _2122 = take_singly(param_1, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, _1831, told_at);
        _2117 = _2122;
    }
    else
    {
        _2117 = n;
    }
    return _2117;
}

static inline __attribute__((always_inline))
uint philox(thread const uint& counter, thread uint2& key)
{
    uint4 c = uint4(counter, 0u, 0u, 0u);
    for (uint _round = 0u; _round < 10u; _round++)
    {
        ResType _527 = spvMulExtended<ResType, uint>(3528531795u, c.x);
        uint alo = _527._m0;
        uint ahi = _527._m1;
        ResType _535 = spvMulExtended<ResType, uint>(3449720151u, c.z);
        uint blo = _535._m0;
        uint bhi = _535._m1;
        c = uint4((bhi ^ c.y) ^ key.x, blo, (ahi ^ c.w) ^ key.y, alo);
        key += uint2(2654435769u, 3144134277u);
    }
    return c.x;
}

static inline __attribute__((always_inline))
uint2 drawn(thread const uint2& mass, const device Records& _2346, thread uint& record_at)
{
    uint param = 8u;
    uint param_1 = 6u;
    uint param_2 = 7u;
    uint param_3 = record(param, _2346, record_at);
    uint2 param_4 = uint2(record(param_1, _2346, record_at), record(param_2, _2346, record_at));
    uint _2366 = philox(param_3, param_4);
    uint u = _2366;
    uint2 param_5 = mass;
    uint param_6 = u;
    uint2 param_7 = wide_scaled(param_5, param_6);
    uint2 param_8 = uint2(1u, 0u);
    return wide_add(param_7, param_8);
}

static inline __attribute__((always_inline))
uint pick_listed(thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi, const device Records& _2346, thread uint& record_at, thread uint& listed, thread uint2& left)
{
    uint2 below = uint2(0u);
    uint param = listed;
    bool param_1 = true;
    sort(param, param_1, gl_LocalInvocationIndex, bin_lo, bin_hi);
    uint param_2 = 1u;
    uint param_3 = listed;
    uint2 _2710 = add_up(param_2, param_3, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
    left = _2710;
    uint2 param_4 = left;
    uint2 target = drawn(param_4, _2346, record_at);
    uint param_5 = 1u;
    uint param_6 = listed;
    uint2 param_7 = target;
    uint2 param_8 = below;
    uint _2722 = reach(param_5, param_6, param_7, param_8, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
    below = param_8;
    return bin_hi[_2722];
}

static inline __attribute__((always_inline))
uint2 add_up_teams(thread const uint& teams, thread const uint& span, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin)
{
    uint team = gl_LocalInvocationIndex / 32u;
    uint end = min(((team + 1u) * span), p.tokens);
    uint param = teams;
    clear_bins(param, gl_LocalInvocationIndex, bin_lo, bin_hi);
    uint2 sum = uint2(0u);
    uint _2286 = (team * span) + (gl_LocalInvocationIndex % 32u);
    uint param_4[8];
    for (uint i = _2286; i < end; i += 256u)
    {
        uint param_1 = i;
        uint param_2 = 32u;
        uint param_3 = end;
        read_keys(param_1, param_2, param_3, param_4, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at);
        uint k[8];
        spvArrayCopyFromStackToStack(k, param_4);
        for (uint j = 0u; j < 8u; j++)
        {
            uint param_5 = i + (j * 32u);
            uint param_6 = k[j];
            uint2 param_7 = sum;
            uint2 param_8 = uint2(kept(param_5, param_6, greatest, scale, lowest, last, least), 0u);
            sum = wide_add(param_7, param_8);
        }
    }
    uint param_9 = team;
    uint2 param_10 = sum;
    add_to_bin(param_9, param_10, bin_lo, bin_hi);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    uint param_11 = 0u;
    uint param_12 = teams;
    uint2 _2340 = add_up(param_11, param_12, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
    return _2340;
}

static inline __attribute__((always_inline))
uint pick(constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi, const device Records& _2346, thread uint& record_at, thread uint2& left)
{
    uint2 below = uint2(0u);
    uint size = gl_WorkGroupSize.x;
    uint teams = size / 32u;
    uint span = ((p.tokens + teams) - 1u) / teams;
    uint param = teams;
    uint param_1 = span;
    uint2 _2746 = add_up_teams(param, param_1, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
    left = _2746;
    uint2 param_2 = left;
    uint2 target = drawn(param_2, _2346, record_at);
    uint param_3 = 0u;
    uint param_4 = teams;
    uint2 param_5 = target;
    uint2 param_6 = below;
    uint _2759 = reach(param_3, param_4, param_5, param_6, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
    below = param_6;
    origin = span * _2759;
    uint tokens = min(span, (p.tokens - origin));
    uint param_7 = 2u;
    uint param_8 = tokens;
    uint2 _2772 = add_up(param_7, param_8, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin);
    uint param_9 = 2u;
    uint param_10 = tokens;
    uint2 param_11 = target;
    uint2 param_12 = below;
    uint _2781 = reach(param_9, param_10, param_11, param_12, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi);
    below = param_12;
    return origin + _2781;
}

static inline __attribute__((always_inline))
int sample_token(thread const uint& asked, constant Params& p, thread uint& gl_LocalInvocationIndex, threadgroup uint (&pair_x)[WIDTH], threadgroup uint (&pair_y)[WIDTH], thread float& penalty, thread float& inv_penalty, thread float& frequency, thread float& presence, const device Logits& _673, thread uint& logits_at, thread bool& penalised, const device Counts& _689, thread uint& counts_at, thread uint& greatest, thread float& scale, thread uint& lowest, thread uint& last, thread uint& least, threadgroup uint (&bin_lo)[1024], threadgroup uint (&bin_hi)[1024], thread uint& origin, threadgroup uint& found, threadgroup uint& below_lo, threadgroup uint& below_hi, thread float& bands, device Told& __restrict _1831, thread uint& told_at, thread uint& own_greatest, const device Records& _2346, thread uint& record_at, thread uint& own_smallest, thread uint& listed, thread bool& all_listed, thread uint2& left)
{
    uint _2833 = find_greatest(p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, own_greatest, _2346, record_at, own_smallest);
    uint best = _2833;
    uint param = 11u;
    scale = as_type<float>(record(param, _2346, record_at));
    uint param_1 = best;
    uint param_2 = greatest;
    if ((token_of(param_1, param_2) < 0) || (scale == 0.0))
    {
        uint param_3 = best;
        uint param_4 = greatest;
        int id = token_of(param_3, param_4);
        if (TELLS && (asked != 0u))
        {
            int param_5 = id;
            uint param_6 = asked - 1u;
            tell_certain(param_5, param_6, gl_LocalInvocationIndex, greatest, _1831, told_at);
        }
        return id;
    }
    keep_all(p, lowest, last, least);
    uint param_7 = 1u;
    uint param_8 = record(param_7, _2346, record_at);
    keep_top_k(param_8, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi, bands, own_greatest, listed, all_listed);
    uint param_9 = 13u;
    uint fraction = record(param_9, _2346, record_at);
    if (fraction != 0u)
    {
        uint param_10 = fraction;
        keep_top_p(param_10, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi, bands, own_smallest, listed, all_listed);
    }
    uint param_11 = 14u;
    least = record(param_11, _2346, record_at);
    uint n = 0u;
    if (TELLS && (asked != 0u))
    {
        uint most = min((asked - 1u), 20u);
        uint _2900;
        if (all_listed)
        {
            uint param_12 = listed;
            uint param_13 = most;
            uint _2907 = take_sorted(param_12, param_13, gl_LocalInvocationIndex, greatest, scale, lowest, last, least, bin_lo, bin_hi, _1831, told_at);
            _2900 = _2907;
        }
        else
        {
            uint param_14 = most;
            uint _2911 = take_likeliest(param_14, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, found, bands, _1831, told_at, own_greatest);
            _2900 = _2911;
        }
        n = _2900;
    }
    uint _2915;
    if (all_listed)
    {
        uint _2918 = pick_listed(gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi, _2346, record_at, listed, left);
        _2915 = _2918;
    }
    else
    {
        uint _2920 = pick(p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi, _2346, record_at, left);
        _2915 = _2920;
    }
    uint id_1 = _2915;
    if (TELLS && (asked != 0u))
    {
        uint param_15 = id_1;
        uint param_16 = 11u;
        uint param_17 = n;
        uint2 param_18 = left;
        uint param_19 = id_1;
        uint param_20 = key_at(param_15, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at);
        uint param_21 = n;
        uint param_22 = record(param_16, _2346, record_at);
        tell(param_17, param_18, param_19, param_20, param_21, param_22, gl_LocalInvocationIndex, greatest, _1831, told_at);
    }
    return int(id_1);
}

kernel void sample_f32(constant Params& p [[buffer(0)]], device Dst& __restrict _3045 [[buffer(1)]], const device Logits& _673 [[buffer(2)]], const device Records& _2346 [[buffer(3)]], const device Counts& _689 [[buffer(4)]], device Told& __restrict _1831 [[buffer(5)]], const device Batch& _255 [[buffer(6)]], uint gl_LocalInvocationIndex [[thread_index_in_threadgroup]], uint3 gl_WorkGroupID [[threadgroup_position_in_grid]], uint3 gl_NumWorkGroups [[threadgroups_per_grid]])
{
    threadgroup uint pair_x[WIDTH];
    threadgroup uint pair_y[WIDTH];
    threadgroup uint bin_lo[1024];
    threadgroup uint bin_hi[1024];
    threadgroup uint found;
    threadgroup uint below_lo;
    threadgroup uint below_hi;
    uint seqs = batch_draws(p, _255);
    float penalty;
    float inv_penalty;
    float frequency;
    float presence;
    uint logits_at;
    bool penalised;
    uint counts_at;
    uint greatest;
    float scale;
    uint lowest;
    uint last;
    uint least;
    uint origin;
    float bands;
    uint told_at;
    uint own_greatest;
    uint record_at;
    uint own_smallest;
    uint listed;
    bool all_listed;
    uint2 left;
    for (uint q = gl_WorkGroupID.x; q < seqs; q += gl_NumWorkGroups.x)
    {
        uint param = q;
        uint param_1 = 4u;
        uint slot = batch_word(param, param_1, p, _255);
        uint param_2 = q;
        uint param_3 = 3u;
        bool _2972 = int(batch_word(param_2, param_3, p, _255)) <= 0;
        bool _2981;
        if (!_2972)
        {
            _2981 = slot >= p.slots;
        }
        else
        {
            _2981 = _2972;
        }
        if (_2981)
        {
            continue;
        }
        logits_at = p.logits_off + (q * p.logits_stride);
        record_at = p.records_off + (slot * p.records_stride);
        counts_at = p.counts_off + (slot * p.counts_stride);
        uint asked = 0u;
        if (TELLS)
        {
            uint param_4 = 37u;
            asked = record(param_4, _2346, record_at);
            uint param_5 = 8u;
            told_at = (p.told_off + (slot * p.told_stride)) + ((record(param_5, _2346, record_at) % p.places) * 48u);
        }
        uint param_6 = asked;
        int _3037 = sample_token(param_6, p, gl_LocalInvocationIndex, pair_x, pair_y, penalty, inv_penalty, frequency, presence, _673, logits_at, penalised, _689, counts_at, greatest, scale, lowest, last, least, bin_lo, bin_hi, origin, found, below_lo, below_hi, bands, _1831, told_at, own_greatest, _2346, record_at, own_smallest, listed, all_listed, left);
        int id = _3037;
        if (gl_LocalInvocationIndex == 0u)
        {
            _3045.dst[p.dst_off + (q * p.dst_stride)] = id;
        }
    }
}

