{
  description = "hullo: see who is around, in your terminal, and say hello";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      forAll = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      manifest = (nixpkgs.lib.importTOML ./Cargo.toml).workspace.package;
    in
    {
      packages = forAll (pkgs: rec {
        hullo = pkgs.rustPlatform.buildRustPackage {
          pname = "hullo";
          inherit (manifest) version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          cargoBuildFlags = [
            "-p"
            "hullo-tui"
            "-p"
            "hullo-server"
            "--bins"
          ];
          # The tests want node, terminals and loopback; .ci/run runs them.
          doCheck = false;
          nativeBuildInputs = [ pkgs.installShellFiles ];
          postInstall = ''
            $out/bin/hullo man --dir man
            $out/bin/hullo-server --man > man/hullo-server.8
            installManPage man/*
            for shell in bash zsh fish; do
              installShellCompletion --cmd hullo --$shell <($out/bin/hullo completions $shell)
              installShellCompletion --cmd hullo-server --$shell <($out/bin/hullo-server --completions $shell)
            done
          '';
          meta = {
            description = "See who is around, in your terminal, and say hello";
            license = with nixpkgs.lib.licenses; [
              mit
              asl20
            ];
            mainProgram = "hullo";
          };
        };
        default = hullo;
      });

      devShells = forAll (pkgs: {
        default = pkgs.mkShell {
          inputsFrom = [ self.packages.${pkgs.stdenv.hostPlatform.system}.hullo ];
          packages = with pkgs; [
            clippy
            rustfmt
            cargo-deny
            cargo-machete
            nodejs
            mandoc
            zsh
            fish
          ];
        };
      });
    };
}
