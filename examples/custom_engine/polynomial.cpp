// SPDX-License-Identifier: Apache-2.0
/// Engine "polynomial": evaluates y = c0 + c1 x + c2 x^2 ... at each element of x. A model is a
/// text file (.poly) with the coefficients, the constant first.
#include <xpuruntime/engine/export.h>

#include <fstream>
#include <sstream>

namespace engine = xpuruntime::engine;

using Coefficients = std::vector<double>;

class PolynomialContext : public engine::Context {
 public:
  explicit PolynomialContext(std::shared_ptr<const Coefficients> coefficients)
      : coefficients_(std::move(coefficients)) {}

  void run(const engine::RunArgs& args) override {
    if (!args.has_input(0) || args.input(0).dtype != XPURT_FLOAT || args.input(0).rank != 1) {
      throw engine::Failure(XPURT_INVALID_ARGUMENT, "input 'x': expected float32 [n]");
    }
    const xpurt_value& x = args.input(0);
    const auto count = static_cast<size_t>(x.shape[0]);
    const auto* from = static_cast<const float*>(x.data);
    auto* to = static_cast<float*>(args.reserve(0, x.byte_size));
    for (size_t i = 0; i < count; ++i) to[i] = evaluate(from[i]);
    args.commit(0, XPURT_FLOAT, {x.shape, 1}, to, x.byte_size);
  }

 private:
  float evaluate(double x) const {
    double sum = 0;
    for (size_t i = coefficients_->size(); i-- > 0;) sum = sum * x + (*coefficients_)[i];
    return static_cast<float>(sum);
  }

  std::shared_ptr<const Coefficients> coefficients_;
};

class PolynomialModel : public engine::Model {
 public:
  PolynomialModel(Coefficients coefficients, xpurt_device device)
      : coefficients_(std::make_shared<const Coefficients>(std::move(coefficients))) {
    spec_.inputs = {values("x")};
    spec_.outputs = {values("y")};
    spec_.device = device;
  }
  const engine::ModelSpec& spec() const override { return spec_; }
  std::unique_ptr<engine::Context> create_context() override {
    return std::make_unique<PolynomialContext>(coefficients_);
  }

 private:
  static engine::TensorSpec values(const char* name) {
    engine::TensorSpec spec;
    spec.name = name;
    spec.dtype = XPURT_FLOAT;
    spec.shape = {-1};
    spec.dim_names = {"n"};
    return spec;
  }

  std::shared_ptr<const Coefficients> coefficients_;
  engine::ModelSpec spec_;
};

class PolynomialEngine : public engine::Engine {
 public:
  static constexpr const char* kName = "polynomial";

  const engine::EngineSpec& spec() override { return spec_; }

  std::unique_ptr<engine::Model> load(const engine::LoadArgs& args) override {
    if (args.device().type != XPURT_DEVICE_CPU || args.device().index != 0) {
      throw engine::Failure(XPURT_UNAVAILABLE, "polynomials are evaluated on cpu:0 alone");
    }
    if (!args.extra_outputs().empty()) engine::unsupported("showing inner values");
    Coefficients coefficients = parse(read(args));
    const std::string_view derivative = args.option("derivative").value_or("false");
    if (derivative == "true" || derivative == "1") derive(coefficients);
    return std::make_unique<PolynomialModel>(std::move(coefficients), args.device());
  }

 private:
  static std::string read(const engine::LoadArgs& args) {
    if (args.source() == XPURT_SOURCE_COMPILED) engine::unsupported("compiled models");
    if (args.source() == XPURT_SOURCE_BYTES) {
      return {reinterpret_cast<const char*>(args.bytes().data()), args.bytes().size()};
    }
    std::ifstream file(args.path());
    if (!file) throw engine::Failure(XPURT_MODEL_NOT_FOUND, "cannot read '" + args.path() + "'");
    return (std::ostringstream() << file.rdbuf()).str();
  }

  static Coefficients parse(const std::string& text) {
    std::istringstream words(text);
    Coefficients coefficients;
    for (double value = 0; words >> value;) coefficients.push_back(value);
    if (coefficients.empty() || !words.eof()) {
      throw engine::Failure(XPURT_INVALID_ARGUMENT,
                            "a .poly model holds coefficients, like '1 0 0.5', and nothing else");
    }
    return coefficients;
  }

  static void derive(Coefficients& coefficients) {
    for (size_t i = 0; i < coefficients.size(); ++i) coefficients[i] *= static_cast<double>(i);
    coefficients.erase(coefficients.begin());
  }

  engine::EngineSpec spec_{
      .name = kName,
      .version = "1.0",
      .adapter_version = "1.0",
      .input_alignment = alignof(float),
      .formats = {"poly"},
      .options = {{"derivative", XPURT_OPTION_BOOL, "false", "Evaluate the first derivative.", {}}},
      .devices = {{XPURT_DEVICE_CPU, 0}}};
};

XPURT_EXPORT_ENGINE(PolynomialEngine);
