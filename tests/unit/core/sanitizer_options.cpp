// SPDX-License-Identifier: Apache-2.0
// Under a sanitizer, memory that cannot be had is a null pointer too: tests ask for too much.

extern "C" {
__attribute__((visibility("default"))) const char* __asan_default_options();
__attribute__((visibility("default"))) const char* __tsan_default_options();

const char* __asan_default_options() { return "allocator_may_return_null=1"; }
const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
}
