# SPDX-License-Identifier: Apache-2.0
# A thin door: each target is a few commands that can be typed by hand. CMakePresets.json is the build.

SHELL := /bin/bash
.DEFAULT_GOAL := help
# The targets share build trees and .venv, so make runs one at a time; ninja and ctest use all cores.
.NOTPARALLEL:

python := .venv/bin/python
# Tests wait for processes and files half of their time.
in_parallel := -n $(shell echo $$((2 * $$(nproc)))) --dist loadgroup
python_sources := $(wildcard tools tests examples benchmarks python)

.PHONY: help setup setup-torch build demo test test-torch test-python test-asan test-tsan conformance bench bench-engines bench-encoder benchmark-models sentence-encoder lint tidy format clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what the build needs: system packages, .venv, ONNX Runtime's headers
	tools/setup

setup-torch: setup ## install torch and executorch (7 GB), which `make build` then builds their engines with
	tools/setup torch

build: setup ## build release into build/, and put xpurt and the Python package into .venv
	cmake --preset release
	cmake --build --preset release
	ln -sfn ../../build/bin/xpurt .venv/bin/xpurt
	echo '$(CURDIR)/build/python' > "$$($(python) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/xpuruntime.pth"

demo: build ## classify real digits on every engine that is built
	build/bin/digits_demo tests/data

test: build ## run every test: release, then under the sanitizers, Python, then end to end
	cmake --build --preset release-tests
	ctest --preset release
	$(MAKE) test-asan
	$(MAKE) test-python
	$(python) -m pytest $(in_parallel) tests/e2e

test-python: setup ## run the tests of the Python package: of build/, of a wheel, and onnx's own
	tools/setup lint
	cmake --build build --target xpuruntime_python xpuruntime_engine_fake
	$(python) -m pytest $(in_parallel) tests/onnx_backend python/tests/wheel_test.py python/tests

test-torch: setup-torch build ## build engines torch and executorch, and run their tests
	cmake --build --preset release-tests
	ctest --preset release -L '^(torch|executorch)$$'
	$(python) -m pytest $(in_parallel) tests/torch_engines

test-asan: setup ## run the tests of our own code under the address and undefined-behaviour sanitizers
	cmake --preset asan
	cmake --build --preset asan
	ctest --preset asan

test-tsan: setup ## run the tests of our own code under the thread sanitizer
	cmake --preset tsan
	cmake --build --preset tsan
	ctest --preset tsan

conformance: build ## run the onnx package's backend tests, and rewrite docs/conformance.md
	$(python) tests/onnx_backend/report.py

bench: build ## measure the overhead over bare ONNX Runtime, threads, callers at once, memory, and second loads
	build/bin/overhead build/benchmarks/overhead
	build/bin/threads build/benchmarks/overhead
	$(python) benchmarks/python_overhead.py build/benchmarks/overhead
	$(python) benchmarks/concurrency.py build/benchmarks/overhead
	$(python) benchmarks/memory.py
	$(python) benchmarks/second_load.py

bench-engines: build benchmark-models ## measure every engine through us and its own API, and auto after tune, on five models
	$(python) benchmarks/engines/engines.py build/benchmarks/models --json build/benchmarks/engines.json
	$(python) benchmarks/engines/auto.py build/benchmarks/models --json build/benchmarks/auto.json

benchmark-models: ## write the models of benchmarks/engines into build/benchmarks/models (torch: 7 GB)
	tools/setup models
	$(python) benchmarks/engines/make_models.py build/benchmarks/models

sentence-encoder: setup ## write a trained sentence encoder in every form into build/benchmarks/models, and check them
	tools/setup encoder
	$(MAKE) build
	$(python) benchmarks/sentence_encoder/make_models.py build/benchmarks/models

bench-encoder: sentence-encoder ## compare the sentence encoder on every engine and in PyTorch, on real sentences
	cd build/benchmarks/models && ../../bin/xpurt compare sentence_encoder.{onnx,pt,pt2,pte,pth} --engines onnxrt,openvino,torch,executorch,python --model-factory encoder:create --option python_path=../../../benchmarks/sentence_encoder --option outputs=sentence_embedding --python ../../../$(python) --inputs sentences.npz --seconds 10

lint: setup ## check formatting, Python and layers
	tools/setup lint
	tools/cxx_sources | xargs .venv/bin/clang-format --dry-run -Werror
	.venv/bin/ruff check $(python_sources)
	.venv/bin/ruff format --check $(python_sources)
	$(python) tools/check_layers.py

tidy: setup ## run clang-tidy over the C++ sources (minutes)
	tools/setup lint
	cmake --preset dev
	cmake --build --preset dev --target xpuruntime_onnx_schema
	.venv/bin/run-clang-tidy.py -quiet -clang-tidy-binary .venv/bin/clang-tidy -p build/dev '$(CURDIR)/(src|engines|apps|examples|tests)/'

format: setup ## rewrite the sources in the house style
	tools/setup lint
	tools/cxx_sources | xargs .venv/bin/clang-format -i
	.venv/bin/ruff check --fix $(python_sources)
	.venv/bin/ruff format $(python_sources)

clean: ## remove what was built; the downloaded headers stay
	rm -rf build-wheel
	[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name onnxruntime-headers -exec rm -rf {} +

distclean: ## remove everything that is not in the repository
	rm -rf build build-wheel .venv
