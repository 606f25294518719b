// An input plugin answers an event with JSON.
#include <ango/module.hpp>

#include <string>

struct ModuleClass : ango::Input {
    std::string answer(ango::Job &job) override { return R"({"options":)" + std::string(job.config()) + "}"; }
};

ANGO_MODULE(ModuleClass, {.id = "module-id", .version = "0.1", .summary = "Answers with its options"})
