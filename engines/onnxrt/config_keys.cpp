// SPDX-License-Identifier: Apache-2.0
#include "config_keys.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "xpuruntime/engine/engine.h"
#include "xpuruntime/engine/nearest.h"

namespace xpuruntime::onnxrt {
namespace {

/// What the header onnxruntime_session_options_config_keys.h lists, and what came after it up to
/// ONNX Runtime 1.31. In order.
constexpr std::string_view kSessionKeys[] = {
    "ep.context_embed_mode",
    "ep.context_enable",
    "ep.context_file_path",
    "ep.context_model_external_initializers_file_name",
    "ep.context_node_name_prefix",
    "ep.cuda.fpa_intb_gemm",
    "ep.cuda.fpa_intb_profile_m",
    "ep.enable_weightless",
    "ep.nnapi.partitioning_stop_ops",
    "ep.share_ep_contexts",
    "ep.stop_share_ep_contexts",
    "mlas.enable_gemm_fastmath_arm64_bfloat16",
    "mlas.nchwc_depthwise_sliding",
    "mlas.qnbit.force_fp32",
    "mlas.use_lut_gemm",
    "optimization.constant_folding_max_output_size_in_bytes",
    "optimization.disable_specified_optimizers",
    "optimization.enable_cast_chain_elimination",
    "optimization.enable_gelu_approximation",
    "optimization.minimal_build_optimizations",
    "session.allow_released_opsets_only",
    "session.collect_node_memory_stats_to_file",
    "session.debug_layout_transformation",
    "session.disable_aot_function_inlining",
    "session.disable_cpu_ep_fallback",
    "session.disable_double_qdq_remover",
    "session.disable_model_compile",
    "session.disable_prepacking",
    "session.disable_qdq_constant_folding",
    "session.disable_quant_qdq",
    "session.dynamic_block_base",
    "session.enable_dq_matmulnbits_fusion",
    "session.enable_quant_qdq_cleanup",
    "session.fail_on_suboptimal_compiled_model",
    "session.force_spinning_stop",
    "session.graph_optimizations_loop_level",
    "session.inter_op.allow_spinning",
    "session.inter_op.spin_backoff_max",
    "session.inter_op.spin_duration_us",
    "session.intra_op.allow_spinning",
    "session.intra_op.spin_backoff_max",
    "session.intra_op.spin_duration_us",
    "session.intra_op_thread_affinities",
    "session.layer_assignment_settings",
    "session.load_model_format",
    "session.model_external_initializers_file_folder_path",
    "session.name_based_layer_assignment",
    "session.node_partition_config_file",
    "session.optimized_model_external_initializers_file_name",
    "session.optimized_model_external_initializers_min_size_in_bytes",
    "session.prepack.enable_parallel",
    "session.qdq_matmulnbits_accuracy_level",
    "session.qdq_matmulnbits_block_size",
    "session.qdqisint8allowed",
    "session.record_ep_graph_assignment_info",
    "session.resource_cuda_partitioning_settings",
    "session.save_external_prepacked_constant_initializers",
    "session.save_model_format",
    "session.set_denormal_as_zero",
    "session.strict_shape_type_inference",
    "session.use_device_allocator_for_initializers",
    "session.use_env_allocators",
    "session.use_memory_mapped_ort_model",
    "session.x64quantprecision",
};

constexpr std::string_view kRunKeys[] = {
    "gpu_graph_id",
    "memory.enable_memory_arena_shrinkage",
};

/// Keys that break a promise of this engine, with the reason.
constexpr std::pair<std::string_view, const char*> kForbidden[] = {
    {"disable_synchronize_execution_providers", "outputs are complete when a run returns"},
    {"session.use_external_initializer_file_buffers_directly",
     "the model's bytes live only while it is loaded"},
    {"session.use_ort_model_bytes_directly", "the model's bytes live only while it is loaded"},
    {"session.use_ort_model_bytes_for_initializers",
     "the model's bytes live only while it is loaded"},
};

void check_key(const std::string& key, std::span<const std::string_view> known, bool allow_unknown,
               const std::string& option) {
  for (const auto& [forbidden, reason] : kForbidden) {
    if (key == forbidden) {
      throw engine::Failure(XPURT_INVALID_ARGUMENT,
                            "option '" + option + "' cannot be used here: " + reason);
    }
  }
  if (allow_unknown || std::ranges::find(known, key) != known.end()) return;
  throw engine::Failure(XPURT_UNSUPPORTED_OPERATION,
                        "option '" + option + "': ONNX Runtime has no configuration key '" + key +
                            "' that this engine knows of" + engine::did_you_mean(key, known) +
                            " (allow_unknown_keys=true passes it on all the same.)");
}

}  // namespace

void check_session_key(const std::string& key, bool allow_unknown) {
  check_key(key, kSessionKeys, allow_unknown, key);
}

void check_run_key(const std::string& key, bool allow_unknown) {
  check_key(key, kRunKeys, allow_unknown, "run." + key);
}

}  // namespace xpuruntime::onnxrt
