#include "host/model/model_call.hpp"

#include "host/module/call_module.hpp"
#include "host/module/module_failure.hpp"

namespace angod::host {

namespace {

ango_str str(const std::string &text) { return {text.data(), text.size()}; }

} // namespace

ModelCall::ModelCall(Job &job, const ango_model_v1 &table, ango_instance *instance)
    : job_(job),
      table_(table),
      instance_(instance),
      handle_(job),
      classes_(job.field("categorySchema").value_or("null")) {
    handle_.checkpoint_is_hosts = true;
}

ModelCall::~ModelCall() { job_.cancel.on_cancel(nullptr); }

std::variant<ModelAnswer, Failure> ModelCall::predict(const AskedAsset &asset) {
    ango_model_asset asked{};
    asked.struct_size = sizeof asked;
    asked.id = str(asset.id);
    asked.external_id = str(asset.external_id);
    asked.data = str(asset.data);
    asked.task_id = str(asset.task_id);
    asked.classes = str(classes_);
    asked.record = str(asset.record);
    handle_.value.reset();
    handle_.failure = {};
    handle_.uploads.clear();
    const std::int32_t status =
        call_module(handle_, "predict", [&] { return table_.predict(instance_, &handle_, &asked); });
    job_.cancel.on_cancel(nullptr);
    stopped_ = job_.cancel.cancelled() || status == ANGO_CANCELLED;
    if (job_.cancel.cancelled()) return Failure{"cancelled", "", -1};
    if (status == ANGO_CANCELLED)
        return Failure{"The plugin stopped its work before it was done.", "the module returned ANGO_CANCELLED", -1};
    if (status != ANGO_OK) {
        Failure failure = module_failure(status, handle_);
        if (failure.user_text.empty()) failure.user_text = "The plugin failed without giving a reason.";
        return failure;
    }
    auto answer = read_model_answer(handle_.value.value_or(""));
    if (!answer) return Failure{answer.error().text, "", -1};
    return std::move(*answer);
}

} // namespace angod::host
