// SPDX-License-Identifier: MIT
#include "targets/wanted.h"

#include <gtest/gtest.h>

#include "targets/container.h"

namespace heapmeter::cli {
namespace {

const std::string kId(64, 'c');

Kin kin(std::vector<std::string> names, std::vector<std::string> cgroups = {}) {
  return {42, std::move(names), {40, 7, 1}, std::move(cgroups)};
}

TEST(Wanted, ANameIsTheWholeName) {
  EXPECT_TRUE(fits(kin({"php-fpm8.2"}), {.words = {"php-fpm8.2"}}));
  EXPECT_FALSE(fits(kin({"php-fpm8.2"}), {.words = {"php"}}));
  EXPECT_TRUE(fits(kin({"a-very-long-nam"}), {.words = {"a-very-long-name-indeed"}}))
      << "the kernel's 15 letters";
  EXPECT_TRUE(fits(kin({"main", "server"}), {.words = {"server"}})) << "the executable's";
}

TEST(Wanted, APatternIsAShells) {
  EXPECT_TRUE(fits(kin({"php-fpm8.2"}), {.words = {"php*"}}));
  EXPECT_TRUE(fits(kin({"worker3"}), {.words = {"worker[1-4]"}}));
  EXPECT_FALSE(fits(kin({"worker7"}), {.words = {"worker[1-4]"}}));
  EXPECT_TRUE(fits(kin({"[weird"}), {.words = {"[weird"}})) << "a name that looks like one";
  EXPECT_TRUE(Wanted{.words = {"php*"}}.means_group());
  EXPECT_FALSE(Wanted{.words = {"php"}}.means_group());
  EXPECT_TRUE((Wanted{.words = {"php", "42"}}.means_group())) << "several words";
  EXPECT_TRUE(fits(kin({"php"}), {.words = {"nginx", "php"}}));
  EXPECT_TRUE(fits(kin({"x"}), {.words = {"nginx", "42"}})) << "any of them";
  EXPECT_FALSE(fits(kin({"x"}), {.words = {"nginx", "php"}}));
}

TEST(Wanted, APidIsNoName) {
  EXPECT_TRUE(fits(kin({"x"}), {.words = {"42"}}));
  EXPECT_FALSE(fits(kin({"43"}), {.words = {"43"}}));
}

TEST(Wanted, ATreeIsItsRootAndWhatDescendsFromIt) {
  EXPECT_TRUE(fits(kin({"x"}), {.below = 42}));
  EXPECT_TRUE(fits(kin({"x"}), {.below = 7}));
  EXPECT_FALSE(fits(kin({"x"}), {.below = 8}));
  EXPECT_FALSE(fits(kin({"x"}), {.words = {"y"}, .below = 7})) << "both are to hold";
}

TEST(Wanted, AUnitIsKnownByItsControlGroup) {
  const std::vector<std::string> v2 = {"/system.slice/nginx.service"};
  EXPECT_TRUE(fits(kin({"nginx"}, v2), {.words = {"nginx.service"}}));
  EXPECT_FALSE(fits(kin({"nginx"}, v2), {.words = {"ngin.service"}}));
  EXPECT_TRUE(fits(kin({"nginx"}, v2), {.cgroup = "nginx"}));
  EXPECT_TRUE(fits(kin({"nginx"}, v2), {.cgroup = "system.slice"})) << "and what lies below";
  EXPECT_FALSE(fits(kin({"nginx"}, {"/"}), {.cgroup = "nginx"}));
}

TEST(Wanted, AContainerIsKnownByTheFirstDigitsOfItsId) {
  for (const std::string &path : {"/docker/" + kId, "/system.slice/docker-" + kId + ".scope",
                                  "/machine.slice/libpod-" + kId + ".scope/container",
                                  "/kubepods.slice/kubepods-burstable.slice/"
                                  "kubepods-burstable-pod1f2e3d4c_0000_1111_2222_333344445555.slice/"
                                  "cri-containerd-" +
                                      kId + ".scope",
                                  "/../../system.slice/docker-" + kId + ".scope/init.scope"}) {
    EXPECT_TRUE(fits_cgroup(path, kId.substr(0, 12))) << path;
    EXPECT_TRUE(fits_cgroup(path, kId)) << path;
    EXPECT_FALSE(fits_cgroup(path, "ccc")) << "too few to be meant: " << path;
    EXPECT_FALSE(fits_cgroup(path, "dddddddddddd")) << path;
  }
  const std::string pod = "/kubepods/burstable/pod1f2e3d4c-0000-1111-2222-333344445555/" + kId;
  EXPECT_TRUE(fits_cgroup(pod, "1f2e3d4c-0000-1111-2222-333344445555"));
  EXPECT_TRUE(fits_cgroup("/kubepods-pod1f2e3d4c_0000_1111_2222_333344445555.slice",
                          "1f2e3d4c-0000-1111-2222-333344445555"));
}

TEST(Wanted, APathIsTheEndOfOneOrAWholeOne) {
  EXPECT_TRUE(fits_cgroup("/user.slice/a/b", "a/b"));
  EXPECT_TRUE(fits_cgroup("/user.slice/a/b/c", "a/b")) << "below it";
  EXPECT_FALSE(fits_cgroup("/user.slice/a/x/b", "a/b"));
  EXPECT_FALSE(fits_cgroup("/user.slice/aa/b", "a/b"));
  EXPECT_TRUE(fits_cgroup("/user.slice/a/b", "/user.slice/a"));
  EXPECT_FALSE(fits_cgroup("/x/user.slice/a", "/user.slice/a"));
  EXPECT_TRUE(fits_cgroup("/", "/"));
  EXPECT_FALSE(fits_cgroup("/a", "/"));
}

TEST(Container, IsNamedAsItsEngineShowsIt) {
  const std::string shown(12, 'c');
  EXPECT_EQ(container_of("/docker/" + kId), "docker " + shown);
  EXPECT_EQ(container_of("/system.slice/docker-" + kId + ".scope"), "docker " + shown);
  EXPECT_EQ(container_of("/machine.slice/libpod-" + kId + ".scope/container"), "podman " + shown);
  EXPECT_EQ(container_of("/kubepods/burstable/pod12/" + kId), "container " + shown);
  EXPECT_EQ(container_of("/machine.slice/machine-web.scope/payload"), "machine web");
  EXPECT_EQ(container_of("/lxc.payload.db"), "machine db");
  EXPECT_EQ(container_of("/docker/" + kId + "/system.slice/nginx.service"), "docker " + shown);
  for (const char *none : {"/", "", "/system.slice/nginx.service", "/user.slice/a\nb", "////", "/../.."})
    EXPECT_EQ(container_of(none), "") << none;
  EXPECT_EQ(container_of("/x" + kId), "") << "a longer word";
}

}  // namespace
}  // namespace heapmeter::cli
