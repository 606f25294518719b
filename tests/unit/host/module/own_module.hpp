// A module that is part of the test program: its functions are static, and count and answer as the test says.
#pragma once

#include "host/module/loader.hpp"
#include "host/module/services.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

struct OwnModuleBehaviour {
    std::int32_t create_status = ANGO_OK, describe_status = ANGO_OK;
    std::string failure;     ///< told to the host by create
    std::string description; ///< given by describe
    bool create_throws = false, describe_throws = false, destroy_throws = false;
    std::vector<std::string> settings; ///< of each create
    int destroyed = 0;
};

/// One at a time. Make the module, change `behaviour`, and use `loaded`.
struct OwnModule {
    inline static OwnModuleBehaviour behaviour;

    OwnModule() {
        behaviour = {};
        descriptor.struct_size = sizeof descriptor;
        descriptor.abi = ANGO_ABI;
        descriptor.create = create;
        descriptor.destroy = destroy;
        descriptor.describe = describe;
        loaded.descriptor = &descriptor;
        loaded.id = "own";
        loaded.kinds = {angod::PluginKind::input};
    }

    ango_module descriptor{};
    angod::host::LoadedModule loaded;

private:
    static ango_str str(const std::string &text) { return {text.data(), text.size()}; }

    static std::int32_t create(const ango_host *, const ango_str *settings, ango_instance **out) {
        behaviour.settings.emplace_back(settings->data, settings->size);
        if (behaviour.create_throws) throw std::runtime_error("no room");
        if (!behaviour.failure.empty()) {
            ango_failure why{};
            why.struct_size = sizeof why;
            why.user_text = str(behaviour.failure);
            static_cast<const ango_failure_v1 *>(angod::host::find_service("ango.failure", 1))->fail(nullptr, &why);
        }
        if (behaviour.create_status == ANGO_OK)
            *out = reinterpret_cast<ango_instance *>(behaviour.settings.size()); // a number is enough
        return behaviour.create_status;
    }
    static void destroy(ango_instance *) {
        ++behaviour.destroyed;
        if (behaviour.destroy_throws) throw std::runtime_error("not yet");
    }
    static std::int32_t describe(ango_instance *, ango_str *json) {
        if (behaviour.describe_throws) throw std::runtime_error("no words");
        *json = str(behaviour.description);
        return behaviour.describe_status;
    }
};
