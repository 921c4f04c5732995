// Write goes on with a text step by step, in a loop of its own, and by a fork that has the same beginning.
//
//     c++ write.cpp $(pkg-config --cflags --libs falconmamba) -o write
//     ./write [MODEL [PROMPT]]
#include <falconmamba.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

// A call's error, for must.
static fm_error err;

static void must(fm_status status) {
	if (status < 0)
		throw std::runtime_error(err.message);
}

// Handles free themselves.
template <auto free> struct freed_by {
	template <typename T> void operator()(T *handle) const { free(handle); }
};
using model_ptr = std::unique_ptr<fm_model, freed_by<fm_model_free>>;
using session_ptr = std::unique_ptr<fm_session, freed_by<fm_session_free>>;
using generation_ptr = std::unique_ptr<fm_generation, freed_by<fm_generation_free>>;

template <typename P, typename F, typename... A> P made(F make, A... args) {
	typename P::pointer handle = nullptr;
	must(make(args..., &handle, &err));
	return P(handle);
}

static void write(fm_session *session, const fm_generate_options &options) {
	auto generation = made<generation_ptr>(fm_session_begin, session, nullptr, &options);
	const fm_token *token;
	for (;;) {
		fm_status status = fm_generation_next(generation.get(), &token, &err);
		must(status);
		if (status == FM_END)
			break;
		std::cout << std::string_view(token->text, token->text_size) << std::flush;
	}
}

int main(int argc, char **argv) try {
	fm_open_options open{};
	open.struct_size = sizeof open;
	open.backend = std::getenv("FM_BACKEND");
	auto model = made<model_ptr>(fm_model_open, argc > 1 ? argv[1] : nullptr, &open);
	auto session = made<session_ptr>(fm_session_new, model.get());
	must(fm_session_append_text(session.get(), argc > 2 ? argv[2] : "ROMEO:\n", &err));
	auto fork = made<session_ptr>(fm_session_fork, session.get());

	fm_generate_options options{};
	options.struct_size = sizeof options;
	must(fm_model_defaults(model.get(), &options, &err));
	options.max_tokens = 40;
	options.temperature = 0.7f;
	options.seed = 3;
	write(session.get(), options);
	std::cout << "\n---\n";
	options.seed = 4;
	write(fork.get(), options);
	std::cout << "\n";
	return 0;
} catch (const std::exception &e) {
	std::cerr << "write: " << e.what() << "\n";
	return 1;
}
