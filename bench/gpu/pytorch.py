# PyTorch, eager and in f32, as a peer of the comparison: lines of JSON in and out. { device } says what it computes on; { open }
# takes a workload as task.ts describes it; { steps } trains and answers when they are done.
#
#   python3 pytorch.py [--device cpu]
import base64
import json
import sys
import warnings

warnings.filterwarnings('ignore')
import numpy as np
import torch
from torch.nn import functional as F

device = torch.device(sys.argv[sys.argv.index('--device') + 1] if '--device' in sys.argv else 'cuda')
# Everybody computes in f32: no rounding of factors to 19 bits. Sizes stay as they are, so let it look for the fastest ways.
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = True


def numbers(one):
    values = np.frombuffer(base64.b64decode(one['values']), one['type']).reshape(one['shape'])
    tensor = torch.from_numpy(values.copy())
    return (tensor if tensor.is_floating_point() else tensor.long()).to(device)


def data(one):
    tensor = numbers(one)
    # Pictures are [batch, channels, height, width] here.
    return tensor.permute(0, 3, 1, 2).contiguous() if tensor.dim() == 4 else tensor


def learned(tensor):
    return tensor.contiguous().requires_grad_()


def dense(params, weight, bias):
    # It keeps them as [out, in].
    weights = [learned(weight.t()), learned(bias)]
    return weights, lambda x: F.linear(x, *weights)


def conv2d(params, weight, bias):
    weights = [learned(weight.permute(3, 2, 0, 1)), learned(bias)]
    stride, padding = params.get('stride', (1, 1)), params.get('paddingAmount', (0, 0))
    return weights, lambda x: F.conv2d(x, *weights, stride=tuple(stride), padding=tuple(padding))


def upconv2d(params, weight, bias):
    weights = [learned(weight.permute(3, 2, 0, 1)), learned(bias)]
    stride, padding, more = (tuple(params[name]) for name in ('stride', 'padding', 'outputPadding'))
    return weights, lambda x: F.conv_transpose2d(x, *weights, stride=stride, padding=padding, output_padding=more)


def lstm(params, weight, recurrent, bias):
    layer = torch.nn.LSTM(weight.shape[0], recurrent.shape[0], batch_first=True, device=device)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(weight.t())
        layer.weight_hh_l0.copy_(recurrent.t())
        layer.bias_ih_l0.copy_(bias)
        layer.bias_hh_l0.zero_()
    # It has two biases, of which one learns.
    layer.bias_hh_l0.requires_grad_(False)
    return [layer.weight_ih_l0, layer.weight_hh_l0, layer.bias_ih_l0], lambda x: layer(x)[1][0][0]


layers = {
    'dense': dense,
    'conv2d': conv2d,
    'upconv2d': upconv2d,
    'lstm': lstm,
    'relu': lambda params: ([], F.relu),
    'tanh': lambda params: ([], torch.tanh),
    'pooling': lambda params: ([], lambda x: F.max_pool2d(x, tuple(params['size']), tuple(params['stride']))),
    # In the order of the others: height, width, channels.
    'flatten': lambda params: ([], lambda x: x.permute(0, 2, 3, 1).flatten(1)),
}
losses = {
    'crossEntropy': F.cross_entropy,
    'binaryCrossEntropy': F.binary_cross_entropy_with_logits,
    'rms': F.mse_loss,
}


class Training:
    def __init__(self, task):
        made = [layers[one['type']](one['params'], *map(numbers, one['weights'])) for one in task['layers']]
        self.chain = [apply for _, apply in made]
        weights = [weight for own, _ in made for weight in own]
        sgd = task['optimizer'] == 'sgd'
        self.optimizer = torch.optim.SGD(weights, lr=0.1) if sgd else torch.optim.Adam(weights, lr=0.001)
        self.loss = losses[task['loss']]
        self.batches = [(data(one['x']), data(one['y'])) for one in task['batches']]
        self.step = 0

    def run(self, steps):
        for _ in range(steps):
            x, y = self.batches[self.step % len(self.batches)]
            self.optimizer.zero_grad(set_to_none=True)
            for apply in self.chain:
                x = apply(x)
            loss = self.loss(x, y)
            loss.backward()
            self.optimizer.step()
            self.step += 1
        if device.type == 'cuda':
            torch.cuda.synchronize()
        return loss.item()


def answer(question):
    global training
    if 'device' in question:
        if device.type == 'cuda' and not torch.cuda.is_available():
            raise RuntimeError(f'its PyTorch {torch.__version__} finds no GPU')
        name = torch.cuda.get_device_name() if device.type == 'cuda' else 'processor'
        return {'device': f'{name}, PyTorch {torch.__version__}'}
    if 'open' in question:
        training = Training(question['open'])
        return {}
    return {'loss': training.run(question['steps'])}


for line in sys.stdin:
    question = json.loads(line)
    if 'quit' in question:
        break
    try:
        answered = {'ok': True, **answer(question)}
    except Exception as error:
        answered = {'ok': False, 'error': str(error).split('\n')[0]}
    print(json.dumps(answered), flush=True)
