# FalconMamba on any GPU. `make help` lists what there is.

GO ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {sub(/:.*/, "", $$1); printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build fmgen, fmbench and fmserve into bin/
	$(GO) build -o bin/ ./cmd/...

# What tests need beside Go, as Debian calls it.
CORE_PACKAGES := gcc libc6-dev
VULKAN_PACKAGES := mesa-vulkan-drivers libvulkan1
METAL_PACKAGES := clang-16 gobjc libgnustep-base-dev
CHECK_PACKAGES := git ca-certificates debian-archive-keyring
# Tests that want these are left out where they are not.
STORE_PACKAGES := redis-server
MANY_PACKAGES := redis-server haproxy
DESKTOP_PACKAGES := libvulkan-dev xvfb x11-xserver-utils fonts-droid-fallback libx11-dev libgl1-mesa-dev \
	libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev

ARM_PACKAGES := gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
CAPI_PACKAGES := g++ binutils cmake make pkg-config python3 mono-mcs mono-runtime
SWIFT_PACKAGES := binutils debian-archive-keyring ca-certificates
WINDOWS_PACKAGES := gcc-mingw-w64-x86-64 xvfb bsdutils debian-archive-keyring ca-certificates

# The longest that a package's tests may take: several times what they take on
# two cores that are busy with something else, with all of it yet to compile.
SHORT := -timeout 30m
LONG := -timeout 120m

# How the GPU backends' short tests run. Most of lavapipe's time is that of its
# compiler, a seventh less without optimisation; test-vulkan has it.
LAVAPIPE := GALLIVM_PERF=nopt
# Left out of the sessions: what is the same on any device but takes minutes there.
# test-core has these tests on the processor, test-vulkan on lavapipe.
LONG_SESSIONS := TestHowAGenerationEnds|Test(BatchIs|ManyAre)EachAlone|TestChunksDoNotMatter
LONG_SESSIONS := $(LONG_SESSIONS)|TestChat(GoesOn|Undo|RewrittenPast)

# What the race detector has little to see in: these go through types, formulas
# or texts one after another, and take half of its time. test runs them without
# it. The suite stays with three threads; test-guesses has the texts guessed.
UNRACED := ^TestConformance$$/^threads=[012]$$|^TestGuessedTexts$$|^Test(Quant|PackedWeights)$$
UNRACED := $(UNRACED)|^TestAdapted(IsTheFormula|ReadAt)$$|^TestWriteGGUFTypes$$|^TestRandomRules$$

METALFAKE := FM_TEST_REQUIRE=metal CC=clang-16

deps: ## install what test and check need: Debian packages, and the modules of go.sum
	scripts/deps.sh $(CORE_PACKAGES) $(VULKAN_PACKAGES) $(METAL_PACKAGES) $(CHECK_PACKAGES) $(STORE_PACKAGES)
	$(GO) mod download

# The steps run side by side: each waits for one thread most of the time. What they
# share is compiled before, lest each does it. Asked for deps too, it comes after.
test: | $(filter deps,$(MAKECMDGOALS)) ## all that must hold: eight minutes on two cores; installs nothing
	@scripts/need.sh $(CORE_PACKAGES) $(VULKAN_PACKAGES) $(METAL_PACKAGES)
	@scripts/progress.sh vet $(GO) vet ./...
	@$(MAKE) --no-print-directory --keep-going -j2 test-vulkan-core test-metal-core test-rest

# The suite over the processor and over broken references takes minutes: of these two a part.
test-rest:
	@scripts/progress.sh 'the suite on the processor' $(GO) test -short $(SHORT) ./backend/cpu/... ./backend/backendtest
	@scripts/progress.sh 'the rest' $(GO) test $(SHORT) $$($(GO) list ./... | \
		grep -v -e /backend/vulkan -e /backend/metal -e /backend/cpu -e /backend/backendtest)

test-processor: ## the whole suite on the processor, AMX on a stand-in, and over broken references; three minutes
	$(GO) test $(SHORT) ./backend/cpu/... ./backend/backendtest
	$(GO) test -short $(SHORT) -tags amxfake ./backend/cpu

test-core: vet test-rest ## all but the GPU backends; needs Go and gcc

test-vulkan-core: ## the Vulkan backend on lavapipe, Debian's CPU device
	@scripts/need.sh $(VULKAN_PACKAGES)
	@$(LAVAPIPE) FM_TEST_REQUIRE=vulkan scripts/progress.sh vulkan $(GO) test -v -short $(SHORT) ./backend/vulkan
	@$(LAVAPIPE) FM_TEST_REQUIRE=vulkan FM_BACKEND=vulkan scripts/progress.sh 'sessions on vulkan' \
		$(GO) test -v -short $(SHORT) -skip '$(LONG_SESSIONS)' .

test-metal-core: ## the Metal backend on a stand-in for Metal, in one order of its threads
	@scripts/need.sh $(METAL_PACKAGES)
	@$(METALFAKE) scripts/progress.sh metal $(GO) test -v -short $(SHORT) -tags metalfake ./backend/metal
	@$(METALFAKE) scripts/progress.sh 'the stand-in' $(GO) test $(SHORT) -tags metalfake ./backend/metal/internal/...

test-vulkan: ## the Vulkan backend's whole suite on every device that needs no GPU, validated
	@scripts/need.sh $(VULKAN_PACKAGES)
	scripts/test-vulkan.sh

# No device runs these kernels, and nothing of the system is used but apt, which brings the driver to .tools.
test-amd: ## the kernels of every plan by the compiler for AMD's GPUs: no spills; five minutes
	scripts/radv.sh
	$(GO) test -v $(SHORT) -exec "$(CURDIR)/.tools/radv/run" -run TestChips ./backend/vulkan -args -chips all

test-amd-core: ## the same of two GPUs and some plans; a minute
	scripts/radv.sh
	$(GO) test -v -short $(SHORT) -exec "$(CURDIR)/.tools/radv/run" -run TestChips ./backend/vulkan \
		-args -chips NAVI21,NAVI31

amd: ## test-amd, and docs/amd.md from what it finds
	scripts/radv.sh
	$(GO) test -v $(SHORT) -exec "$(CURDIR)/.tools/radv/run" -run TestChips ./backend/vulkan \
		-args -chips all -chips-doc $(CURDIR)/docs/amd.md

test-intel: ## kernels by the compiler for Intel's GPUs: no more spills than are known; three minutes
	scripts/intel.sh
	$(GO) test -v -short $(SHORT) -exec "$(CURDIR)/.tools/intel/run" -run TestIntel ./backend/vulkan -args -chips all

test-intel-core: ## the same of two GPUs; a minute
	scripts/intel.sh
	$(GO) test -v -short $(SHORT) -exec "$(CURDIR)/.tools/intel/run" -run TestIntel ./backend/vulkan \
		-args -chips DG2,BMG

intel: ## test-intel, and docs/intel.md from what it finds
	scripts/intel.sh
	$(GO) test -v -short $(SHORT) -exec "$(CURDIR)/.tools/intel/run" -run TestIntel ./backend/vulkan \
		-args -chips all -chips-doc $(CURDIR)/docs/intel.md

test-apple: ## kernels by the compiler for Apple's GPUs in Mesa: no more spills than are known; five minutes
	scripts/apple.sh
	$(GO) test -v $(SHORT) -exec "$(CURDIR)/.tools/apple/run" -run TestApple ./backend/vulkan -args -chips all

test-apple-core: ## the same of an M1 and some plans; a minute
	scripts/apple.sh
	$(GO) test -v -short $(SHORT) -exec "$(CURDIR)/.tools/apple/run" -run TestApple ./backend/vulkan -args -chips G13G

apple: ## test-apple, and docs/apple.md from what it finds
	scripts/apple.sh
	$(GO) test -v $(SHORT) -exec "$(CURDIR)/.tools/apple/run" -run TestApple ./backend/vulkan \
		-args -chips all -chips-doc $(CURDIR)/docs/apple.md

test-nvidia: ## kernels by the compiler for NVIDIA's GPUs in Mesa: no more in memory than is known; five minutes
	scripts/nvidia.sh
	$(GO) test -v -short $(SHORT) -exec "$(CURDIR)/.tools/nvidia/run" -run TestNVIDIA ./backend/vulkan -args -chips all

test-nvidia-core: ## the same of one GPU; a minute
	scripts/nvidia.sh
	$(GO) test -v -short $(SHORT) -exec "$(CURDIR)/.tools/nvidia/run" -run TestNVIDIA ./backend/vulkan \
		-args -chips GA102

nvidia: ## test-nvidia, and docs/nvidia.md from what it finds
	scripts/nvidia.sh
	$(GO) test -v -short $(SHORT) -exec "$(CURDIR)/.tools/nvidia/run" -run TestNVIDIA ./backend/vulkan \
		-args -chips all -chips-doc $(CURDIR)/docs/nvidia.md

test-metal: ## the Metal backend's whole suite in every order of its threads
	@scripts/need.sh $(METAL_PACKAGES)
	@$(METALFAKE) scripts/progress.sh 'the stand-in' $(GO) test $(SHORT) -tags metalfake ./backend/metal/internal/...
	@$(METALFAKE) scripts/progress.sh metal $(GO) test -v $(LONG) -tags metalfake ./backend/metal
	@$(METALFAKE) scripts/progress.sh 'metal, reverse' \
		$(GO) test -v $(LONG) -tags metalfake ./backend/metal -args -order reverse
	@$(METALFAKE) scripts/progress.sh 'metal, random' \
		$(GO) test -v $(LONG) -tags metalfake ./backend/metal -args -order random -eager

test-fresh: ## make deps test, or TARGET, on a bare Debian, by debootstrap, as root, within LIMIT; a quarter of an hour
	scripts/test-fresh.sh $(if $(TARGET),-t $(TARGET))

test-desktop: ## the desktop example on a virtual display, validated; installs what it needs
	scripts/deps.sh $(VULKAN_PACKAGES) $(DESKTOP_PACKAGES)
	scripts/test-desktop.sh

capi: ## the C library into bin/capi: header, library, pkg-config, CMake
	scripts/capi.sh

test-capi: ## the C library's tests in C, sanitized; examples in four languages; installs; two minutes
	scripts/deps.sh $(CORE_PACKAGES) $(CAPI_PACKAGES)
	scripts/test-capi.sh

test-capi-valgrind: ## the tests in C, and a part of them under Valgrind, which it installs; three minutes
	scripts/deps.sh $(CORE_PACKAGES) g++ binutils valgrind
	scripts/test-capi.sh valgrind

test-swift: ## the C library's example in Swift, by Swift 6, which it brings to .tools: 550 MB; two minutes
	scripts/deps.sh $(CORE_PACKAGES) $(SWIFT_PACKAGES)
	scripts/test-swift.sh

test-capi-core: ## the tests in C alone, and sanitized; needs Go, gcc and g++; a minute
	scripts/test-capi.sh core

test-windows: ## Windows programs and tests, by mingw-w64 and Wine 10, which it brings; twelve minutes
	scripts/deps.sh $(CORE_PACKAGES) $(VULKAN_PACKAGES) $(WINDOWS_PACKAGES)
	scripts/test-windows.sh

test-windows-core: ## the texts of a Windows program, by Wine, which it installs; a minute
	scripts/deps.sh $(CORE_PACKAGES) $(WINDOWS_PACKAGES)
	scripts/test-windows.sh short

test-arm: ## programs and the core's tests for Arm, by qemu, which it installs; ten minutes
	scripts/deps.sh $(CORE_PACKAGES) $(ARM_PACKAGES)
	scripts/test-arm.sh

test-arm-core: ## the texts of a program for Arm, by qemu, which it installs; a minute
	scripts/deps.sh $(CORE_PACKAGES) $(ARM_PACKAGES)
	scripts/test-arm.sh short

check: fmt vet desktop columns docs staticcheck imports drawn generated race cross ## what must pass besides test

fmt: ## every file is gofmt'ed
	@! gofmt -l . | grep -v '^vendor/' || { echo 'run gofmt -w on these'; exit 1; }

vet:
	$(GO) vet ./...

# It is a module of its own, so that nothing else takes its libraries, and ./... leaves it out.
desktop: ## the desktop example builds; installs what that needs
	scripts/deps.sh $(DESKTOP_PACKAGES)
	cd examples/desktop && $(GO) vet .

columns: ## lines have at most 120 columns
	@scripts/columns.sh

docs: ## documents and comments name only files that are there
	@scripts/docs.sh

staticcheck: ## staticcheck finds nothing
	$(GO) run $(STATICCHECK) ./...
	cd examples/desktop && $(GO) run $(STATICCHECK) ./...

imports: ## packages import only what internal/tools/layout/layout.txt lets them
	@$(GO) run ./internal/tools/layout

architecture: ## redraw docs/architecture.svg from the imports
	$(GO) run ./internal/tools/layout -draw docs/architecture.svg

drawn: architecture ## the picture shows the imports as they are
	git diff --exit-code --stat -- docs/architecture.svg

generate: ## remake SPIR-V, MSL, the kernel table and the calls from shaders/*.comp
	scripts/generate.sh

generated: generate ## what is generated is what is committed
	git diff --exit-code -- shaders

test-rows: ## batch invariance for each number of rows up to 600, on the processor; many minutes
	$(GO) test $(LONG) -v -run TestBatchInvariance ./backend/cpu -args -every-row

race: ## the packages that share memory, under the race detector
	$(GO) test -race -short $(SHORT) -skip '$(UNRACED)' \
		. ./backend ./backend/cpu ./backend/gpu ./backend/sampling ./bench ./checkpoint/... \
		./engine/... ./examples/serve ./internal/parallel ./model/... ./server ./text/...
	$(GO) test -race -run TestSoak -v . -args -soak 60s

soak: ## random requests from 64 goroutines under the race detector for SOAK (1h)
	$(GO) test -race -timeout 0 -run TestSoak -v . -args -soak $(or $(SOAK),1h)

test-guesses: ## the engine's tests with every text guessed, whatever it costs, under the race detector; five minutes
	$(GO) test -race -timeout 0 ./engine -args -eager

test-load: ## 256 clients of the server at once, for LOAD (10m)
	$(GO) test -timeout 0 -run 'TestLoad$$' -v ./server -args -load $(or $(LOAD),10m)

test-many: ## 100 conversations on three servers of which one is killed, behind haproxy; installs it; two minutes
	scripts/deps.sh $(MANY_PACKAGES)
	FM_TEST_REQUIRE=redis,haproxy $(GO) test -timeout 20m -v -run TestMany ./cmd/fmserve -args -many

test-deploy: ## deploy/: Kubernetes' manifests by the API's types, which it brings; haproxy's file and the unit
	cd deploy/kubernetes/check && $(GO) test -count 1 ./...
	$(GO) test -count 1 -v -run TestDeployed ./cmd/fmserve

test-clients: ## clients of the server's APIs as they are, of Go and of npm, against the server; brings them first
	scripts/test-clients.sh

test-page: ## the server's page and those of reports in Chromium, which it installs; two minutes
	scripts/deps.sh chromium
	scripts/test-page.sh

# SCHEMAS is maskbench/data of https://github.com/guidance-ai/jsonschemabench, TOKENIZER a model's folder.
test-schemas: ## the schemas and texts in SCHEMAS, with the vocabulary of TOKENIZER; five minutes
	FM_SCHEMAS='$(realpath $(SCHEMAS))' FM_TOKENIZER='$(realpath $(TOKENIZER))' \
		$(GO) test -count 1 -timeout 0 -v -run TestJSONSchemaBench ./text/constrain

cross: ## other platforms build; without cgo programs work and say what that costs
	CGO_ENABLED=0 $(GO) build ./...
	scripts/test-nocgo.sh
	GOOS=windows CGO_ENABLED=0 $(GO) vet ./...
	GOOS=darwin CGO_ENABLED=0 $(GO) vet ./...

dist: ## what a release holds into bin/dist, for DIST; installs compilers for Arm and Windows; reproducible
	scripts/deps.sh $(CORE_PACKAGES) gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-mingw-w64-x86-64
	scripts/dist.sh

test-dist: ## two builds of a release, in two places and without a cache, are the same bytes; for DIST (linux/amd64)
	scripts/test-dist.sh

fuzz: ## every fuzz test for FUZZTIME (30s) each
	$(GO) test -run TestHostileValues ./server -args -hostile
	scripts/fuzz.sh $(or $(FUZZTIME),30s)

same: ## whether the builds in OLD and NEW, folders of programs, do the same
	scripts/same.sh $(OLD) $(NEW)

bench: build ## speed and numerics of every backend present, on the embedded model
	bin/fmbench

# TO and not PATH: make would hand that on as the place where programs are found.
module: ## make TO=github.com/you/falconmamba the module's path, everywhere
	@$(if $(TO),,$(error say which: make module TO=github.com/you/falconmamba))
	@$(GO) run ./internal/tools/module $(TO)

test-module: ## a copy takes other module paths, builds, and takes its own again
	scripts/test-module.sh

vendor: ## vendor/ with all that a build without a network needs, C headers too
	scripts/vendor.sh

clean: ## remove what make made
	rm -rf bin .tools

.PHONY: help build deps test test-core test-rest test-processor test-vulkan-core test-metal-core test-vulkan \
	test-amd test-amd-core amd test-intel test-intel-core intel test-apple test-apple-core apple test-nvidia \
	test-nvidia-core nvidia test-metal test-fresh test-desktop desktop capi test-capi test-capi-core \
	test-capi-valgrind test-swift test-windows test-windows-core test-arm test-arm-core check fmt vet columns docs \
	staticcheck imports architecture drawn generate generated test-rows race soak test-load test-many \
	test-deploy test-guesses test-clients test-page test-schemas cross dist test-dist fuzz same bench module \
	test-module vendor clean
